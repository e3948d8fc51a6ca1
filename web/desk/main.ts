import { mount } from 'svelte';
import '../lib/tokens.css';
import '../lib/entrance.css';
import './desk.css';
import App from './App.svelte';
import { getLocale } from '../lib/paraglide/runtime.js';

document.documentElement.lang = getLocale();
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
