import type { OutgoingHttpHeaders } from 'node:http';
import type { Caller } from '../../call.ts';
import { Denial } from '../../denial.ts';
import type { ProtectedResource } from '../../identity/protected-resource.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import { DENIAL } from '../reply.ts';

/** The status of an answer that is a frame, and what goes with it. */
export type AnswerStatus = (
  frame: Frame,
  caller: Caller,
) => { readonly status: number; readonly headers: OutgoingHttpHeaders } | undefined;

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * A refusal for want of a better token is answered with the challenge that a client acts on (MCP authorization, scope
 * challenge handling), also where only the upstream knew. Undefined: the answer is one of the protocol's.
 */
export function createAnswerStatus(resource: ProtectedResource | undefined): AnswerStatus {
  return function answerStatus({ error }, caller) {
    if (!resource || !isJsonObject(error) || !isJsonObject(error['data'])) return undefined;
    const said = error['data'][DENIAL];
    const code = isJsonObject(said) ? said['code'] : undefined;
    if (code !== 'scope-insufficient' && code !== 'token-invalid') return undefined;
    const named = isJsonObject(said) && Array.isArray(said['scopes']) ? said['scopes'] : [];
    const denial = new Denial(code, text(error['message']), {
      // A client asks for what the challenge names and nothing else: what it has is not to be lost.
      scopes: [...caller.scopes, ...named.map(text)],
    });
    const scheme = caller.key === undefined ? 'Bearer' : 'DPoP';
    return {
      status: denial.http,
      headers: { 'www-authenticate': resource.challenge(denial, scheme) },
    };
  };
}
