import { mount } from 'svelte';
import '../lib/tokens.css';
import './app.css';
import App from './App.svelte';
import { language } from './language.svelte';

const target = document.getElementById('app');
if ('serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js');
await language.begin();
if (target !== null) mount(App, { target });
