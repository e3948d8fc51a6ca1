import { mount } from 'svelte';
import '../lib/tokens.css';
import './field.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (target !== null) mount(App, { target });
