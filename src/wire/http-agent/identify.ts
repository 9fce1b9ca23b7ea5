import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../call.ts';
import { Denial } from '../../denial.ts';
import { bearerToken } from '../../identity/bearer.ts';
import type { ProtectedResource } from '../../identity/protected-resource.ts';
import { HttpRefusal } from './refusal.ts';
import { valuesOf } from './request-head.ts';

export type IdentifyOptions = {
  /** Who a token names. Throws `Denial`. */
  readonly verify: (token: string | undefined) => Promise<Caller>;
  /** Where clients learn how to get a token. */
  readonly resource?: ProtectedResource;
};

/** Whom the token of a request names. Throws `HttpRefusal` with the challenge that the authorization specification asks for. */
export type Identify = (request: IncomingMessage) => Promise<Caller>;

export function createIdentify({ verify, resource }: IdentifyOptions): Identify {
  return async function identify(request) {
    try {
      return await verify(bearerToken(valuesOf(request, 'authorization')));
    } catch (thrown) {
      const denial = Denial.from(thrown);
      const { code } = denial;
      if (code !== 'token-missing' && code !== 'token-invalid' && code !== 'scope-insufficient')
        throw new HttpRefusal('internal', denial.message, { cause: thrown });
      throw new HttpRefusal(code, denial.message, {
        cause: denial,
        headers: { 'www-authenticate': resource?.challenge(denial) ?? 'Bearer' },
      });
    }
  };
}
