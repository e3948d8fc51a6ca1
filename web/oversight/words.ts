/** Oversight's words for what the ledger says. A word that this page does not know is shown as the ledger spells it. */
import { m } from '../lib/paraglide/messages.js';
import { getLocale } from '../lib/paraglide/runtime.js';
import type { Lookup } from './model';

type Words = Record<string, () => string>;

const ACTS: Words = {
  disclosed: m.ov_act_disclosed,
  closed: m.ov_act_closed,
  consulted: m.ov_act_consulted,
  granted: m.ov_act_granted,
  copied: m.ov_act_copied,
  permitted: m.ov_act_permitted,
  erased: m.ov_act_erased,
  reviewed: m.ov_act_reviewed,
  administered: m.ov_act_administered,
  exported: m.ov_act_exported,
  imported: m.ov_act_imported,
  refused: m.ov_act_refused,
  asked: m.ov_act_asked,
};

export const PURPOSES: Words = {
  own_safety: m.ov_purpose_own_safety,
  response: m.ov_purpose_response,
  investigation: m.ov_purpose_investigation,
  export: m.ov_purpose_export,
  oversight: m.ov_purpose_oversight,
  administration: m.ov_purpose_administration,
  retention: m.ov_purpose_retention,
};

const AUDIENCES: Words = {
  protected: m.ov_aud_protected,
  desk: m.ov_aud_desk,
  responder: m.ov_aud_responder,
  investigator: m.ov_aud_investigator,
  record: m.ov_aud_record,
  oversight: m.ov_aud_oversight,
  service: m.ov_aud_service,
};

const NETWORKS: Words = {
  office: m.ov_net_office,
  vpn: m.ov_net_vpn,
  public: m.ov_net_public,
  loopback: m.ov_net_loopback,
  unknown: m.ov_net_unknown,
};

const KINDS: Words = {
  many_views: m.ov_kind_many_views,
  towards_him: m.ov_kind_towards_him,
  without_incident: m.ov_kind_without_incident,
  colleagues: m.ov_kind_colleagues,
  no_permission: m.ov_kind_no_permission,
};

export const OUTCOMES: Words = { justified: m.ov_out_justified, mistake: m.ov_out_mistake, misuse: m.ov_out_misuse };
const CLASSES: Words = { positions: m.ov_class_positions, incidents: m.ov_class_incidents, register: m.ov_class_register, ledger: m.ov_class_ledger };
const STATES: Words = { asked: m.ov_copy_asked, lapsed: m.ov_copy_lapsed, waiting: m.ov_copy_waiting, permitted: m.ov_copy_permitted, erased: m.ov_copy_erased };

const GROUNDS: Words = {
  inside_ring: m.ov_ground_inside_ring,
  continuous: m.ov_ground_continuous,
  operator: m.ov_ground_operator,
  tier: m.ov_ground_tier,
  sos: m.ov_ground_sos,
  blind: m.ov_ground_blind,
  incident: m.ov_ground_incident,
  two: m.ov_ground_two,
  forgotten: m.ov_ground_forgotten,
  watch: m.ov_ground_watch,
  court_permission: m.ov_ground_court,
  emergency: m.ov_ground_emergency,
  no_permission: m.ov_ground_no_permission,
  quiet: m.ov_ground_quiet,
  all: m.ov_asked_all,
  person: m.ov_asked_person,
  officer: m.ov_asked_officer,
  purpose: m.ov_asked_purpose,
  report: m.ov_asked_report,
  inclusion: m.ov_asked_inclusion,
  consistency: m.ov_asked_consistency,
  added: m.ov_account_added,
  ended: m.ov_copy_over,
};

const said = (words: Words, name: string): string => words[name]?.() ?? name;

export const act = (name: string): string => said(ACTS, name);
export const purpose = (name: string): string => said(PURPOSES, name);
export const network = (name: string): string => said(NETWORKS, name);
export const audience = (name: string): string => said(AUDIENCES, name);
export const kind = (name: string): string => said(KINDS, name);
export const outcome = (name: string): string => said(OUTCOMES, name);
export const dataClass = (name: string): string => said(CLASSES, name);
export const copyState = (name: string): string => said(STATES, name);

/** On what ground, as the ledger wrote it down. */
export function ground(what: string): string {
  const [, name] = what.split(':');
  return name === undefined ? what : said({ ...GROUNDS, ...KINDS, ...OUTCOMES }, name);
}

export function when(ms: number): string {
  return new Intl.DateTimeFormat(getLocale(), { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' }).format(ms);
}

export function day(ms: number): string {
  return new Intl.DateTimeFormat(getLocale(), { dateStyle: 'medium', timeZone: 'UTC' }).format(ms);
}

export function whose(row: Lookup): string {
  const names = row.whose.map((one) => (one.label === null ? one.id : `${one.label} (${one.id})`));
  return names.length === 0 ? m.ov_nobody() : new Intl.ListFormat(getLocale()).format(names);
}
