import { mount } from 'svelte';
import '../lib/tokens.css';
import './app.css';
import { getLocale } from '../lib/paraglide/runtime.js';
import App from './App.svelte';

document.documentElement.lang = getLocale();
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
if ('serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js');
