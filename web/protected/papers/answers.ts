/**
 * Which questions are asked and what keeps the answers from being filed: the same rules as the server's (`petitions/answers.py`),
 * so that nothing has to leave the phone to be checked. A file of cases that both sides pass holds them together.
 */

export type Texts = Record<string, string>;
export type Answer = string | boolean | string[];
export type Answers = Record<string, Answer>;
export type Kind = 'words' | 'story' | 'day' | 'choice' | 'choices' | 'yes_no' | 'lines' | 'confirmed';

export interface Question {
  question_id: string;
  kind: Kind;
  ask: Texts;
  help: Texts | null;
  form: Texts;
  required: boolean;
  most: number;
  choices: { choice_id: string; say: Texts; form: Texts }[];
  when: { question: string; answered: string[] } | null;
  hidden: boolean;
}

export interface Check {
  check_id: string;
  rule: 'within_days' | 'not_later_than_today' | 'not_before';
  level: 'stop' | 'mend';
  question: string;
  other: string | null;
  days: number | null;
  past_weekend: boolean;
  say: Texts;
  ways: string[];
}

export interface Form {
  form_id: string;
  valid_from: string;
  valid_until: string | null;
  languages: string[];
  court_language: string;
  time_zone: string;
  /** By language of a translation: the native reader who read it, or null while nobody has. */
  reviewers: Record<string, string | null>;
  title: Texts;
  fee: Texts;
  files: Texts;
  sections: { section_id: string; title: Texts; form: Texts; questions: Question[] }[];
  checks: Check[];
  ways: { way_id: string; say: Texts; call: string | null }[];
  venue: { ground: string; court: string };
  helpers: { kind: string; say: Texts; may_write: boolean; may_file: boolean }[];
  told: { party: string; say: Texts }[];
}

export type Fault = 'missing' | 'too_long' | 'no_day' | 'not_a_choice' | 'wrong_kind';
export interface Stop {
  check: Check;
  last: string | null;
}

const DAY_MS = 86_400_000;
const MOST_LINES = 200;
const SUNDAY = 0;
const SATURDAY = 6;

export function questions(form: Form): Question[] {
  return form.sections.flatMap((section) => section.questions);
}

function said(answer: Answer | undefined): string[] {
  if (typeof answer === 'boolean') return [answer ? 'yes' : 'no'];
  if (typeof answer === 'string') return [answer];
  return answer ?? [];
}

/** Whether nothing was answered. No is an answer. */
export function isEmpty(answer: Answer | undefined): boolean {
  if (answer === undefined) return true;
  if (typeof answer === 'boolean') return false;
  return typeof answer === 'string' ? answer.trim() === '' : !answer.some((one) => one.trim() !== '');
}

export function asked(form: Form, answers: Answers): Question[] {
  const shown = new Set<string>();
  return questions(form).filter(({ question_id, when }) => {
    const is = when === null || (shown.has(when.question) && said(answers[when.question]).some((one) => when.answered.includes(one)));
    if (is) shown.add(question_id);
    return is;
  });
}

/** A day as 2027-05-01, in milliseconds of UTC; null where it is none. */
export function dayOf(answer: Answer | undefined): number | null {
  if (typeof answer !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(answer)) return null;
  const at = Date.parse(`${answer}T00:00:00Z`);
  return Number.isNaN(at) || iso(at) !== answer ? null : at;
}

function iso(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

export function fault(question: Question, answer: Answer | undefined): Fault | null {
  if (answer === undefined || isEmpty(answer)) return question.required ? 'missing' : null;
  const choices = question.choices.map((one) => one.choice_id);
  const length = (text: string): number => [...text].length;
  switch (question.kind) {
    case 'words':
    case 'story':
      if (typeof answer !== 'string') return 'wrong_kind';
      return length(answer) > question.most ? 'too_long' : null;
    case 'day':
      return dayOf(answer) === null ? 'no_day' : null;
    case 'choice':
      if (typeof answer !== 'string') return 'wrong_kind';
      return choices.includes(answer) ? null : 'not_a_choice';
    case 'choices':
      if (!Array.isArray(answer)) return 'wrong_kind';
      return answer.every((one) => choices.includes(one)) && new Set(answer).size === answer.length ? null : 'not_a_choice';
    case 'yes_no':
      return typeof answer === 'boolean' ? null : 'wrong_kind';
    case 'lines':
      if (!Array.isArray(answer)) return 'wrong_kind';
      return answer.length > MOST_LINES || answer.reduce((sum, one) => sum + length(one), 0) > question.most ? 'too_long' : null;
    case 'confirmed':
      if (typeof answer !== 'boolean') return 'wrong_kind';
      return answer ? null : 'missing';
  }
}

/** The last day of a time that began on a day, which itself does not count. */
export function lastDay(check: Check, day: number): number {
  const last = day + (check.days ?? 0) * DAY_MS;
  const weekday = new Date(last).getUTCDay();
  if (!check.past_weekend) return last;
  return last + (weekday === SATURDAY ? 2 : weekday === SUNDAY ? 1 : 0) * DAY_MS;
}

/** A check that fails; one that cannot be made yet, for want of an answer, does not. */
function failed(check: Check, answers: Answers, today: number): Stop | null {
  const day = dayOf(answers[check.question]);
  if (day === null) return null;
  if (check.rule === 'not_later_than_today') return day > today ? { check, last: null } : null;
  if (check.rule === 'not_before') {
    const other = dayOf(answers[check.other ?? '']);
    return other !== null && day < other ? { check, last: null } : null;
  }
  const last = lastDay(check, day);
  return today > last ? { check, last: iso(last) } : null;
}

export interface Standing {
  missing: string[];
  wrong: { question: string; fault: Fault }[];
  mend: Stop[];
  stops: Stop[];
  opens: string | null;
  closed: boolean;
  ready: boolean;
}

export function standing(form: Form, answers: Answers, today: string): Standing {
  const now = dayOf(today) ?? 0;
  const faults = asked(form, answers).flatMap((question) => {
    const found = fault(question, answers[question.question_id]);
    return found === null ? [] : [{ question: question.question_id, fault: found }];
  });
  const found = form.checks.map((check) => failed(check, answers, now)).filter((one) => one !== null);
  const missing = faults.filter((one) => one.fault === 'missing').map((one) => one.question);
  const wrong = faults.filter((one) => one.fault !== 'missing');
  const mend = found.filter((one) => one.check.level === 'mend');
  const stops = found.filter((one) => one.check.level === 'stop');
  const opens = today < form.valid_from ? form.valid_from : null;
  const closed = form.valid_until !== null && today >= form.valid_until;
  const ready = missing.length + wrong.length + mend.length + stops.length === 0 && opens === null && !closed;
  return { missing, wrong, mend, stops, opens, closed, ready };
}

/** For a time of days: its last day, and how many are left (negative: over). Null while the day is not answered. */
export function daysLeft(form: Form, answers: Answers, today: string): { last: string; left: number } | null {
  const check = form.checks.find((one) => one.rule === 'within_days');
  const day = check === undefined ? null : dayOf(answers[check.question]);
  if (check === undefined || day === null) return null;
  const last = lastDay(check, day);
  return { last: iso(last), left: Math.round((last - (dayOf(today) ?? 0)) / DAY_MS) };
}

/** The answers that are filed: those of questions that are asked, without empty ones. */
export function filed(form: Form, answers: Answers): Answers {
  const kept = asked(form, answers).filter(({ question_id }) => !isEmpty(answers[question_id]));
  return Object.fromEntries(kept.map(({ question_id }) => [question_id, answers[question_id]!]));
}
