import { expect, test } from 'vitest';
import { history, KINDS, tried } from './incident-words';

test('every line of a history that the server writes is said in words', () => {
  const whats = ['acknowledge', 'contact', 'contact_due', 'task_due', 'task_unsent', 'task_late', 'distance', 'handed_over', 'assigned', 'unassigned', 'note'];
  for (const kind of Object.keys(KINDS)) whats.push(`opened_${kind}`, `again_${kind}`, `ended_${kind}`);
  for (const where of ['monitored', 'protected']) for (const status of ['received', 'sent', 'arrived', 'done']) whats.push(`task_${where}_${status}`);
  for (const outcome of ['helped', 'arrested', 'warned', 'no_breach', 'technical', 'settled']) whats.push(`resolved_${outcome}`);
  for (const to of ['operator', 'supervisor', 'police']) whats.push(`escalated_${to}`);
  for (const what of whats) expect(history(what)).not.toBe(what);
  expect(history('something_new')).toBe('something_new');
});

test('a handing over without an answer is not called accepted', () => {
  const one = { channel: 'sms', at_ms: 0, why: null };
  expect(tried({ ...one, verdict: null })).not.toBe(tried({ ...one, verdict: 'accepted' }));
});
