import { createHash } from 'node:crypto';
import { canonicalJson, isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import type { Turn } from './modern-call.ts';
import { inputRequest, mayAsk } from './questions.ts';

/** The error by which legacy servers want pages to be opened (2025-11-25, elicitation); this era has none of its kind. */
const URL_ELICITATION_REQUIRED = -32042;

/**
 * The pages that a person has to open before the call can be made, each decided already, as the input that this era asks
 * for. `undefined`: the answer is another, or the client cannot be asked, or has been and did not agree.
 */
export function pagesToOpen({ error }: Frame, { meta, responses }: Turn): JsonObject | undefined {
  if (!isJsonObject(error) || error['code'] !== URL_ELICITATION_REQUIRED) return undefined;
  const data = isJsonObject(error['data']) ? error['data'] : {};
  const pages = Array.isArray(data['elicitations']) ? data['elicitations'] : [];
  const asks = pages.filter(isJsonObject).map((params) => {
    const question = { id: 0, method: 'elicitation/create', params };
    const key = keyOf(params);
    const said = responses.get(key)?.['action'];
    const isWanted = mayAsk(meta.capabilities, question) && (said ?? 'accept') === 'accept';
    return isWanted ? ([key, inputRequest(question)] as const) : undefined;
  });
  const wanted = asks.filter((ask) => ask !== undefined);
  return wanted.length > 0 && wanted.length === asks.length
    ? Object.fromEntries(wanted)
    : undefined;
}

/** The same page of the same server has the same key in the retry, which says whether a person agreed to open it. */
function keyOf({ url, message }: JsonObject): string {
  const digest = createHash('sha256').update(canonicalJson({ url, message })).digest('base64url');
  return `page-${digest.slice(0, 22)}`;
}
