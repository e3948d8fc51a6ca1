import { mount } from 'svelte';
import '../lib/tokens.css';
import '../lib/entrance.css';
import '../lib/document.css';
import './oversight.css';
import App from './App.svelte';
import { getLocale } from '../lib/paraglide/runtime.js';

document.documentElement.lang = getLocale();
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
