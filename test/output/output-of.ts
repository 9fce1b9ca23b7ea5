import {
  issue,
  type CallMethod,
  type Output,
  type RawResult,
  type Session,
} from '../../src/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { callOf, subjectOf } from '../policy/support.ts';
import { KIND_OF } from '../support/kind-of.ts';

type From = { readonly session?: Session; readonly server?: string };

/** A result as dispatch would hand it on. */
export function rawOf(
  result: JsonObject,
  method: CallMethod = 'tools/call',
  definition: JsonObject = { name: 'read', inputSchema: { type: 'object' } },
  from: From = {},
): RawResult {
  const hash = JSON.stringify(definition);
  const subject = subjectOf({
    kind: KIND_OF[method],
    name: 'read',
    hash,
    definition,
    ...(from.server === undefined ? {} : { server: from.server }),
  });
  const permit = issue('Permit', {
    call: callOf({ method, subject, ...(from.session ? { session: from.session } : {}) }),
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
export function outputOf(
  result: JsonObject,
  method?: CallMethod,
  definition?: JsonObject,
  from?: From,
): Output {
  return issue('Output', { raw: rawOf(result, method, definition, from), result });
}
