/** What the form says, in her language where it has it, else in English or the court's. */
import { getLocale, intlTag, m } from '../texts';
import type { Answer, Fault, Form, Question, Texts } from './answers';

const OWN_WORDS = ['story', 'lines'];

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
  here: m.papers_way_receiver,
};

/** Where her petition stands at its court, by the server's word. */
export const STEPS: Record<string, () => string> = {
  received: m.papers_court_has,
  hearing: m.papers_court_has,
  returned: m.papers_court_returned,
  interim: m.papers_court_interim,
  granted: m.papers_court_granted,
  granted_in_part: m.papers_court_part,
  decided: m.papers_court_decided,
  refused: m.papers_court_refused,
  withdrawn: m.papers_court_withdrawn,
};

export function day(iso: string): string {
  return new Intl.DateTimeFormat(intlTag(), { dateStyle: 'long', timeZone: 'UTC' }).format(Date.parse(`${iso}T00:00:00Z`));
}

export function moment(ms: number): string {
  return new Intl.DateTimeFormat(intlTag(), { dateStyle: 'medium', timeStyle: 'medium' }).format(ms);
}

/** A day, or a time, as the court's clock shows it: that is the one it counts by. */
export function courtDay(ms: number, form: Form): string {
  return new Intl.DateTimeFormat(intlTag(), { dateStyle: 'long', timeZone: form.time_zone }).format(ms);
}

export function courtTime(ms: number, form: Form): string {
  return new Intl.DateTimeFormat(intlTag(), { dateStyle: 'long', timeStyle: 'short', timeZone: form.time_zone }).format(ms);
}

const YES_NO: Record<string, [string, string]> = { ko: ['예', '아니요'], en: ['yes', 'no'] };

/** Whether she answers in sentences of her own, which nobody translates for her. */
export function isOwnWords(question: Question): boolean {
  return OWN_WORDS.includes(question.kind);
}

/** That her own sentences stay in her language, though the court reads another. */
export function ownWords(form: Form): string {
  return m.papers_own_words({ language: new Intl.DisplayNames(intlTag(), { type: 'language' }).of(form.court_language) ?? form.court_language });
}

/** An answer as she reads it, line by line. */
export function herLines(question: Question, answer: Answer, form: Form): string[] {
  const named = (one: string): string => {
    const choice = question.choices.find((each) => each.choice_id === one);
    return choice === undefined ? one.trim() : told(choice.say, form);
  };
  if (typeof answer === 'boolean') return [answer ? m.papers_yes() : m.papers_no()];
  if (Array.isArray(answer)) return answer.filter((one) => one.trim() !== '').map(named);
  return named(answer).split(/\r?\n/);
}

/** An answer as the form has it, line by line, in the court's language. */
export function formLines(question: Question, answer: Answer, language: string): string[] {
  const names = Object.fromEntries(question.choices.map((one) => [one.choice_id, one.form[language] ?? '']));
  if (typeof answer === 'boolean') return [(YES_NO[language] ?? YES_NO.en!)[answer ? 0 : 1]];
  if (Array.isArray(answer)) return answer.filter((one) => one.trim() !== '').map((one) => names[one] ?? one.trim());
  return (names[answer] ?? answer.trim()).split(/\r?\n/);
}
