import { expect, test } from 'vitest';
import { isOurs, type StaffNotice } from './staff-notices.svelte';

const notice = (to: string): StaffNotice => ({ key: 'k', topic: `incident ${to} alarm`, title: 't', text: 'x', lang: 'en', until_ms: 1, drill: false });

test('only what is for whoever sits here is shown and confirmed', () => {
  expect(isOurs(notice('kim'), 'kim')).toBe(true);
  expect(isOurs(notice('supervisor'), 'kim')).toBe(true);
  expect(isOurs(notice('lee'), 'kim')).toBe(false);
  expect(isOurs(notice('police'), 'kim')).toBe(false);
  expect(isOurs(notice('kim'), null)).toBe(false);
});
