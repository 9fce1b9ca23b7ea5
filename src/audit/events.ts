import type { JsonObject } from '../lib/json.ts';

/** Every kind of record there is, and what it says. A new kind is a new row here and in docs/audit.md. */
export const EVENTS = {
  'audit-open': 'a segment begins: who writes it, with which key, and what was found broken',
  'audit-close': 'a process ended its chain in an orderly way',
  checkpoint: 'a signed checkpoint was written over the records before this one',
  'gateway-start': 'a gateway process began to serve',
  'gateway-stop': 'a gateway process stopped serving',
  'session-open': 'a caller connected',
  'session-close': 'a caller is gone',
  list: 'a caller asked what there is, and saw this many',
  'call-received': 'a request on a subject came in',
  intent: 'a call is about to be sent to an upstream or a sandbox',
  outcome: 'a call came back and is about to be answered',
  denial: 'a call was refused',
  approval: 'a person was asked, or answered',
  task: 'a call that runs as a task was begun, fetched, refused to who came for it, or cancelled',
  plan: 'a plan of several calls was validated, run, ended, cancelled, or no longer holds',
  withheld: 'an output was kept back for a person to look at',
  'session-band':
    'what the detector found, or a person, moved a session to another escalation band',
  'labels-added': 'a session carries more labels than before',
  'labels-cleared': 'a person took labels off a session or a server',
  'frame-refused': 'a message could not be read or is not allowed',
  'upstream-up': 'an upstream server answered',
  'upstream-down': 'an upstream server is gone',
  'upstream-request': 'an upstream server asked something of the client',
  'catalogue-change': 'an upstream changed what it offers',
  pin: 'a person accepted a definition',
  'policy-loaded': 'a set of policies is in force',
  'policy-refused': 'policies did not come into force; those that were, if any, stay',
  'policy-shadow': 'policies that are not enforced would have decided a call otherwise',
  'sandbox-start': 'a sandbox was started',
  'sandbox-end': 'a sandbox was destroyed',
  egress: 'code in a sandbox was refused a connection, is about to be connected, or ended it',
  kill: 'a kill switch was thrown',
  revive: 'a kill switch was taken back',
} as const satisfies Record<string, string>;

export type AuditEvent = keyof typeof EVENTS;

export function isAuditEvent(name: string): name is AuditEvent {
  return Object.hasOwn(EVENTS, name);
}

export type AuditFields = JsonObject & {
  /** 32 hex digits; absent for what belongs to no call. */
  readonly traceId?: string;
};
