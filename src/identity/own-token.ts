import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import type { Authorize } from '../wire/http-upstream/authorize.ts';
import { createExchanged } from './exchanged.ts';
import type { Issued } from './issued.ts';

export type OwnTokenOptions = {
  /** Of the configuration, for messages. */
  readonly server: string;
  /** Asks for a token of the gateway itself. Throws `Denial`. */
  readonly ask: () => Promise<Issued>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Whoever calls: this token is nobody's of them. */
const NOBODY: Caller = {
  issuer: 'gateway',
  subject: 'gateway',
  client: 'gateway',
  groups: [],
  scopes: [],
  assurance: 0,
};

/** One token of the gateway itself for one server, kept as those of callers are. */
export function createOwnToken({ server, ask, now }: OwnTokenOptions): () => Authorize {
  const own = createExchanged({
    target: { server, scopes: [], setting: 'shared' },
    subjects: { of: () => '', drop: () => undefined },
    now,
    exchange: ask,
  })(() => NOBODY);
  return function authorize() {
    return {
      token: async () => await own.token(),
      renew: async (refused) => await own.renew(refused),
      // No caller could grant it.
      missing: () =>
        new Denial(
          'upstream-failed',
          `Cannot complete the call: ${server} wants a scope that the gateway has not asked for`,
          { hint: 'the owner of the gateway names scopes in auth.shared.token of that server' },
        ),
    };
  };
}
