import {
  issue,
  type CallMethod,
  type Output,
  type RawResult,
  type Session,
  type Subject,
} from '../../src/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';

const session: Session = {
  id: 's',
  caller: {
    issuer: 'local',
    subject: 'alice',
    client: 'local',
    groups: [],
    scopes: [],
    assurance: 0,
  },
  labels: new Set(),
  escalation: 0,
  calls: 0,
  addLabels: () => undefined,
  escalate: () => undefined,
  countCall: () => undefined,
};

const KIND: Readonly<Record<CallMethod, Subject['kind']>> = {
  'tools/call': 'tool',
  'resources/read': 'resource',
  'prompts/get': 'prompt',
  'completion/complete': 'prompt',
  'sampling/createMessage': 'request',
  'elicitation/create': 'request',
  'roots/list': 'request',
};

/** A result as dispatch would hand it on. */
export function rawOf(
  result: JsonObject,
  method: CallMethod = 'tools/call',
  definition: JsonObject = { name: 'read', inputSchema: { type: 'object' } },
): RawResult {
  const subject: Subject = {
    kind: KIND[method],
    server: 'files',
    name: 'read',
    classes: ['read'],
    dataClass: 0,
    source: ['untrusted'],
    sink: [],
    pin: 'match',
    reviewed: true,
    hash: JSON.stringify(definition),
    definition,
  };
  const call = { traceId: 't1', id: 1, method, session, subject, params: {}, args: {} };
  const permit = issue('Permit', {
    call,
    policies: [],
    obligations: { approvals: [], redact: [], advice: [] },
  });
  return issue('RawResult', {
    grant: issue('Grant', { permit, approvedBy: [] }),
    failed: false,
    result,
  });
}

/** A result as validation would hand it on. */
export function outputOf(result: JsonObject, method?: CallMethod, definition?: JsonObject): Output {
  return issue('Output', { raw: rawOf(result, method, definition), result });
}
