/** Short words for each state, and what to do as single steps, each with a picture. They say no more and no less than the full words. */
import type { Face, PairState } from '../model';
import { m } from '../texts';
import { sentence, SOON_S } from '../words';
import type { Picture } from './Pictogram.svelte';

export interface Step {
  picture: Picture;
  text: string;
}

const SHORT: Record<Face, () => string> = {
  danger: m.easy_danger,
  warning: m.easy_warning,
  watch: m.easy_watch,
  clear: m.easy_clear,
  stale: m.easy_stale,
  blind: m.easy_blind,
  handset: m.easy_handset,
  lost: m.easy_lost,
  untagged: m.easy_untagged,
  left: m.easy_left,
  none: m.easy_none,
  connecting: m.easy_connecting,
};

/** Where he is at a place of hers, the place is named, which the full sentence does in few words already. */
export function easySentence(face: Face, pair: PairState | null): string {
  if (pair?.place != null && (face === 'danger' || face === 'warning' || face === 'watch')) return sentence(face, pair);
  return face === 'warning' && pair?.words?.movement === 'approaching' ? m.easy_coming() : SHORT[face]();
}

const now = (number: string): Step => ({ picture: 'call', text: m.easy_do_call({ number }) });
const inDanger = (number: string): Step => ({ picture: 'call', text: m.easy_do_call_danger({ number }) });
const people = (): Step => ({ picture: 'people', text: m.easy_do_people() });
const away = (): Step[] => [
  { picture: 'away', text: m.easy_do_away() },
  { picture: 'people', text: m.easy_do_leave() },
];
const ready = (): Step => ({ picture: 'home', text: m.easy_do_ready() });
const ask = (): Step => ({ picture: 'ask', text: m.easy_do_ask() });
const sos = (): Step => ({ picture: 'sos', text: m.easy_do_sos() });

const STEPS: Record<Face, (number: string) => Step[]> = {
  danger: (number) => [people(), now(number)],
  warning: (number) => [ready(), inDanger(number)],
  watch: () => [{ picture: 'rest', text: m.easy_do_rest() }],
  clear: () => [{ picture: 'rest', text: m.easy_do_rest() }],
  stale: () => [{ picture: 'wait', text: m.easy_do_wait() }],
  blind: (number) => [{ picture: 'people', text: m.easy_do_stay() }, inDanger(number)],
  handset: () => [{ picture: 'location', text: m.easy_do_location() }],
  lost: (number) => [{ picture: 'signal', text: m.easy_do_signal() }, inDanger(number)],
  untagged: (number) => [sos(), inDanger(number)],
  left: (number) => [ask(), inDanger(number)],
  none: (number) => [ask(), inDanger(number)],
  connecting: (number) => [inDanger(number)],
};

/** What to do, the most urgent first. "Nothing" never stands beside "could reach you within two minutes". */
export function stepsOf(face: Face, pair: PairState | null, elapsedS: number, number: string): Step[] {
  const soon = face === 'watch' && pair?.words?.contact_s != null && pair.words.contact_s - elapsedS < SOON_S;
  if (pair?.place != null && (face === 'danger' || face === 'warning' || soon)) return [...away(), face === 'danger' ? now(number) : inDanger(number)];
  return STEPS[soon ? 'warning' : face](number);
}
