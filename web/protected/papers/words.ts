/** What the form says, in her language where it has it, else in English or the court's. */
import { getLocale, intlTag, m } from '../texts';
import type { Answer, Fault, Form, Question, Texts } from './answers';

export function told(texts: Texts, form: Form): string {
  return texts[getLocale()] ?? texts.en ?? texts[form.court_language] ?? '';
}

/** The language in which `told` speaks, for a screen reader. */
export function tongue(form: Form): string {
  return [getLocale() as string, 'en'].find((one) => form.languages.includes(one)) ?? form.court_language;
}

export const FAULTS: Record<Fault, () => string> = {
  missing: m.papers_fault_missing,
  too_long: m.papers_fault_long,
  no_day: m.papers_fault_day,
  not_a_choice: m.papers_fault_missing,
  wrong_kind: m.papers_fault_missing,
};

export const WAYS: Record<string, () => string> = {
  folder: m.papers_way_folder,
  mailbox: m.papers_way_mailbox,
  receiver: m.papers_way_receiver,
};

export function day(iso: string): string {
  return new Intl.DateTimeFormat(intlTag(), { dateStyle: 'long', timeZone: 'UTC' }).format(Date.parse(`${iso}T00:00:00Z`));
}

export function moment(ms: number): string {
  return new Intl.DateTimeFormat(intlTag(), { dateStyle: 'medium', timeStyle: 'medium' }).format(ms);
}

const YES_NO: Record<string, [string, string]> = { ko: ['예', '아니요'], en: ['yes', 'no'] };

/** An answer as the form has it, line by line, in the court's language. */
export function formLines(question: Question, answer: Answer, language: string): string[] {
  const names = Object.fromEntries(question.choices.map((one) => [one.choice_id, one.form[language] ?? '']));
  if (typeof answer === 'boolean') return [(YES_NO[language] ?? YES_NO.en!)[answer ? 0 : 1]];
  if (Array.isArray(answer)) return answer.filter((one) => one.trim() !== '').map((one) => names[one] ?? one.trim());
  return (names[answer] ?? answer.trim()).split(/\r?\n/);
}
