import { issue, type CallMethod, type Output, type RawResult } from '../../src/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { callOf, subjectOf } from '../policy/support.ts';
import { KIND_OF } from '../support/kind-of.ts';

/** A result as dispatch would hand it on. */
export function rawOf(
  result: JsonObject,
  method: CallMethod = 'tools/call',
  definition: JsonObject = { name: 'read', inputSchema: { type: 'object' } },
): RawResult {
  const hash = JSON.stringify(definition);
  const subject = subjectOf({ kind: KIND_OF[method], name: 'read', hash, definition });
  const permit = issue('Permit', {
    call: callOf({ method, subject }),
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
