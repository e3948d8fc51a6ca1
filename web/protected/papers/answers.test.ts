import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { asked, filed, standing, type Answers, type Form } from './answers';

interface Case {
  answers: Answers;
  today: string;
  asked: string[];
  filed: string[];
  missing: string[];
  wrong: [string, string][];
  mend: string[];
  stops: [string, string | null][];
  opens: string | null;
  ready: boolean;
}
const { form, cases } = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as { form: Form; cases: Case[] };

test.each(cases.map((one, n) => [n, one] as const))('case %i is judged as the server judges it', (_, one) => {
  const found = standing(form, one.answers, one.today);
  expect(asked(form, one.answers).map((each) => each.question_id)).toEqual(one.asked);
  expect(Object.keys(filed(form, one.answers)).sort()).toEqual(one.filed);
  expect(found.missing).toEqual(one.missing);
  expect(found.wrong.map((each) => [each.question, each.fault])).toEqual(one.wrong);
  expect(found.mend.map((each) => each.check.check_id)).toEqual(one.mend);
  expect(found.stops.map((each) => [each.check.check_id, each.last])).toEqual(one.stops);
  expect([found.opens, found.ready]).toEqual([one.opens, one.ready]);
});
