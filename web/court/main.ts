import { mount } from 'svelte';
import '../lib/tokens.css';
import '../lib/entrance.css';
import '../lib/document.css';
import './court.css';
import App from './App.svelte';
import { getLocale } from '../lib/paraglide/runtime.js';
import { directionOf } from '../lib/tongues';

document.documentElement.lang = getLocale();
document.documentElement.dir = directionOf(getLocale());
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
