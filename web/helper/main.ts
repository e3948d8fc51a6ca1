import { mount } from 'svelte';
import '../lib/tokens.css';
import '../protected/app.css';
import '../protected/papers/papers.css';
import { getLocale, isRightToLeft, speak, speakMore, wanted } from '../protected/texts';
import App from './App.svelte';

async function begin(): Promise<void> {
  await speak(wanted(navigator.languages));
  await speakMore();
  document.documentElement.lang = getLocale();
  document.documentElement.dir = isRightToLeft() ? 'rtl' : 'ltr';
  const target = document.getElementById('app');
  if (target !== null) mount(App, { target });
}

void begin();
