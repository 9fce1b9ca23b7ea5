import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../call.ts';
import { Denial } from '../../denial.ts';
import { readAuthorization, type Authorization } from '../../identity/authorization.ts';
import { ProofDenial, type CheckProof } from '../../identity/proof.ts';
import type { ProtectedResource } from '../../identity/protected-resource.ts';
import type { Prove } from '../../identity/verifier.ts';
import { HttpRefusal } from './refusal.ts';
import { valuesOf } from './request-head.ts';

export type IdentifyOptions = {
  /** Who a token names. Throws `Denial`, also for a token that is bound to a key when there is no `prove`. */
  readonly verify: (token: string | undefined, prove?: Prove) => Promise<Caller>;
  /** Where clients learn how to get a token. */
  readonly resource?: ProtectedResource;
  /** Checks that the sender has the key of its token; absent: such tokens are refused. */
  readonly checkProof?: CheckProof;
};

/** Whom the token of a request names. Throws `HttpRefusal` with the challenge that the authorization specification asks for. */
export type Identify = (request: IncomingMessage) => Promise<Caller>;

/** `recheck` asks again about a request that is still open: its proof was for its beginning. */
export function createIdentify(options: IdentifyOptions): {
  readonly identify: Identify;
  readonly recheck: Identify;
} {
  const { verify, resource, checkProof } = options;

  async function callerOf(
    authorization: Authorization | undefined,
    prove: Prove | undefined,
  ): Promise<Caller> {
    const isBound = authorization?.scheme === 'DPoP';
    const caller = await verify(authorization?.token, isBound ? prove : undefined);
    // Who says that a key is proved, and has a token of nobody's key, was given less than asked for.
    if (isBound && caller.key === undefined)
      throw new ProofDenial('the token is not bound to a key');
    return caller;
  }

  function createRead(
    proveFor: (request: IncomingMessage, token: string) => Prove | undefined,
  ): Identify {
    return async function identify(request) {
      let authorization: Authorization | undefined;
      try {
        authorization = readAuthorization(valuesOf(request, 'authorization'));
        return await callerOf(authorization, proveFor(request, authorization?.token ?? ''));
      } catch (thrown) {
        const denial = Denial.from(thrown);
        const { code } = denial;
        if (code !== 'token-missing' && code !== 'token-invalid' && code !== 'scope-insufficient')
          throw new HttpRefusal('internal', denial.message, { cause: thrown });
        throw new HttpRefusal(code, denial.message, {
          cause: denial,
          headers: {
            'www-authenticate': resource?.challenge(denial, authorization?.scheme) ?? 'Bearer',
          },
        });
      }
    };
  }

  return {
    identify: createRead(
      (request, token) =>
        checkProof &&
        (async (thumbprint, holder) =>
          await checkProof({
            headers: valuesOf(request, 'dpop'),
            method: request.method ?? '',
            token,
            thumbprint,
            holder,
          })),
    ),
    recheck: createRead(() => async () => await Promise.resolve()),
  };
}
