/** The desk's office, as its server says it; the wire contract is in docs/architecture.md. */

export interface Task {
  task: string;
  owner: string;
  reason: string;
  title: string | null;
  text: string | null;
  order: string;
  person: string | null;
  made_ms: number;
  due_ms: number;
  by_hand: boolean;
  /** How far the notice came that the server sends in the owner's place; null where it sends none. */
  notice: 'waiting' | 'handed' | 'failed' | 'expired' | null;
  time_zone: string | null;
}

export interface Link {
  link: string;
  owner: string;
  strength: 'certain' | 'likely' | 'near';
  opened_ms: number;
  order: string;
  person: string | null;
  tag_order: string;
  tag_person: string | null;
}

export type StepName = 'ordered' | 'notified' | 'fitted' | 'paired' | 'first_fix' | 'drill_done';

export interface Step {
  step: StepName;
  owner: string;
  done_ms: number | null;
  due_ms: number | null;
}

export interface Way {
  order: string;
  person: string | null;
  steps: Step[];
  time_zone: string | null;
}

export type Status =
  | 'drafted'
  | 'in_force'
  | 'suspended'
  | 'extended'
  | 'expired'
  | 'revoked'
  | 'ended_by_acquittal'
  | 'ended_by_dismissal';

export type Act =
  | 'commence'
  | 'request'
  | 'extend'
  | 'suspend'
  | 'resume'
  | 'resume_extended'
  | 'expire'
  | 'revoke'
  | 'add_measure'
  | 'join'
  | 'consent'
  | 'end_measure'
  | 'lapse'
  | 'acquit'
  | 'dismiss';

export interface OrderEvent {
  order: string;
  act: Act;
  after: Status;
  at_ms: number;
  by: string;
  reason: string;
  time_zone: string | null;
}

export interface Call {
  person: string | null;
  at_ms: number;
  silent: boolean;
  /** Whether an order protects the one who calls. */
  protected: boolean;
}

export interface Office {
  version: string;
  at_ms: number;
  calls: Call[];
  tasks: Task[];
  more: number;
  links: Link[];
  ways: Way[];
  events: OrderEvent[];
}

export type Stage = 'done' | 'late' | 'running' | 'waits';

/** Where a step stands: its clock runs only once the step before it is done. */
export function stageOf(step: Step, nowMs: number): Stage {
  if (step.done_ms !== null) return 'done';
  if (step.due_ms === null) return 'waits';
  return step.due_ms <= nowMs ? 'late' : 'running';
}

/** Ask for the office; null while nothing changed since `version`. */
export async function askOffice(version: string, language: string): Promise<Office | null> {
  const answer = await fetch(`/api/office?version=${encodeURIComponent(version)}&language=${language}`, { cache: 'no-store' });
  if (answer.status === 204) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as Office;
}

/** Send a decision; whether it was kept. */
export async function tell(path: '/api/tasks' | '/api/links', body: object): Promise<boolean> {
  try {
    return (await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).ok;
  } catch {
    return false;
  }
}
