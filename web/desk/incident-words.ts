/** The desk's words for incidents: whole sentences, in the operator's language. */
import { m } from '../lib/paraglide/messages.js';
import type { Kind, NoticeState, Outcome, Status, TaskStatus, Try } from './incidents';

export const KINDS: Record<Kind, () => string> = {
  sos: m.desk_kind_sos,
  silent_sos: m.desk_kind_silent_sos,
  approach: m.desk_kind_approach,
  strap: m.desk_kind_strap,
  removal: m.desk_kind_removal,
  jamming: m.desk_kind_jamming,
  false_data: m.desk_kind_false_data,
  no_show: m.desk_kind_no_show,
  silence: m.desk_kind_silence,
  mass_silence: m.desk_kind_mass_silence,
  battery: m.desk_kind_battery,
  phone_battery: m.desk_kind_phone_battery,
  handset: m.desk_kind_handset,
  order: m.desk_kind_order,
};

export const TASKS: Record<TaskStatus, () => string> = {
  waiting: m.desk_task_waiting,
  received: m.desk_task_received,
  sent: m.desk_task_sent,
  arrived: m.desk_task_arrived,
  done: m.desk_task_done,
};

/** Those that a person may choose; only time settles. */
export const OUTCOMES: Record<Exclude<Outcome, 'settled'>, () => string> = {
  helped: m.desk_outcome_helped,
  arrested: m.desk_outcome_arrested,
  warned: m.desk_outcome_warned,
  no_breach: m.desk_outcome_no_breach,
  technical: m.desk_outcome_technical,
};

export const STATES: Record<NoticeState, () => string> = {
  waiting: m.desk_notice_waiting,
  handed: m.desk_notice_handed,
  delivered: m.desk_notice_delivered,
  shown: m.desk_notice_shown,
  seen: m.desk_notice_seen,
  expired: m.desk_notice_expired,
  replaced: m.desk_notice_replaced,
  failed: m.desk_notice_failed,
};

const CHANNELS: Record<string, () => string> = {
  stream: m.desk_channel_stream,
  web_push: m.desk_channel_web_push,
  sms: m.desk_channel_sms,
  sms_http: m.desk_channel_sms,
  voice: m.desk_channel_voice,
  email: m.desk_channel_email,
  webhook: m.desk_channel_webhook,
};
const VERDICTS = { accepted: m.desk_try_accepted, refused: m.desk_try_refused, unknown: m.desk_try_unknown };

/** What became of handing a notice over. */
export function tried({ channel, verdict }: Try): string {
  return (verdict === null ? m.desk_try_running : VERDICTS[verdict])({ channel: (CHANNELS[channel] ?? (() => channel))() });
}

export const STATUS: Record<Status, () => string> = {
  open: m.desk_incident_open,
  acknowledged: m.desk_incident_acknowledged,
  tasks_running: m.desk_incident_tasks_running,
  contact_made: m.desk_incident_contact_made,
  resolved: m.desk_incident_resolved,
};

const PLAIN: Record<string, () => string> = {
  acknowledge: m.desk_history_acknowledge,
  to_acknowledge: m.desk_history_to_acknowledge,
  contact: m.desk_history_contact,
  contact_due: m.desk_history_contact_due,
  task_due: m.desk_history_task_due,
  task_unsent: m.desk_history_task_unsent,
  task_late: m.desk_history_task_late,
  distance: m.desk_history_distance,
  handed_over: m.desk_history_handed_over,
  assigned: m.desk_history_assigned,
  unassigned: m.desk_history_unassigned,
  note: m.desk_history_note,
  link_given: m.desk_history_link_given,
  link_opened: m.desk_history_link_opened,
  link_refused: m.desk_history_link_refused,
  link_taken_back: m.desk_history_link_taken_back,
  link_texted: m.desk_history_link_texted,
  call_protected: m.desk_history_call_protected,
  call_responder: m.desk_history_call_responder,
  call_monitored: m.desk_history_call_monitored,
  message_protected: m.desk_history_message_protected,
  message_responder: m.desk_history_message_responder,
  instructed_charge: m.desk_history_instructed_charge,
  instructed_leave_area: m.desk_history_instructed_leave_area,
  instructed_call_office: m.desk_history_instructed_call_office,
};

const RUNGS: Record<string, () => string> = { operator: m.desk_rung_operator, supervisor: m.desk_rung_supervisor };

/** One line of an incident's history. A word that this page does not know is shown as it is, never left out. */
export function history(what: string, agency: (name: string) => string = (name) => name): string {
  const plain = PLAIN[what];
  if (plain !== undefined) return plain();
  const [act = '', ...rest] = what.split('_');
  const about = rest.join('_');
  const kind = KINDS[about as Kind];
  if (kind !== undefined) {
    const said = { opened: m.desk_history_opened, again: m.desk_history_again, ended: m.desk_history_ended }[act];
    if (said !== undefined) return said({ kind: kind() });
  }
  if (act === 'resolved') return m.desk_history_resolved({ outcome: ({ ...OUTCOMES, settled: m.desk_outcome_settled }[about as Outcome] ?? (() => about))() });
  if (act === 'outcome') return m.desk_history_outcome({ outcome: (OUTCOMES[about as keyof typeof OUTCOMES] ?? (() => about))() });
  if (act === 'escalated') return m.desk_history_escalated({ to: RUNGS[about]?.() ?? agency(about) });
  if (act === 'members') return m.desk_history_members({ count: about });
  const status = TASKS[rest[1] as TaskStatus];
  if (act === 'task' && status !== undefined) {
    return (rest[0] === 'monitored' ? m.desk_history_task_monitored : m.desk_history_task_protected)({ status: status() });
  }
  return what;
}
