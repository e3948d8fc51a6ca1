/** What the door says of a step that did not lead in. */
import type { Outcome } from './entrance';
import { m } from './paraglide/messages.js';

const WORDS: Partial<Record<Outcome, () => string>> = {
  wait: m.in_wait,
  locked: m.in_account_locked,
  offline: m.in_offline,
  cancelled: m.in_cancelled,
  known: m.in_known,
  unable: m.in_unable,
  signed_out: m.in_signed_out,
  sso_refused: m.in_sso_refused,
  sso_unknown: m.in_sso_unknown,
  sso_down: m.in_sso_down,
};

export const codeProblem = (outcome: Outcome): string => (WORDS[outcome] ?? m.in_code_wrong)();
export const passkeyProblem = (outcome: Outcome): string => (WORDS[outcome] ?? m.in_passkey_wrong)();
