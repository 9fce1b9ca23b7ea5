import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import type { Authorize } from '../wire/http-upstream/authorize.ts';
import type { Issued, Target } from './issued.ts';
import { claimsOf, type SubjectTokens } from './subject-tokens.ts';

export type ExchangedOptions = {
  readonly target: Target & {
    /** Where the owner names the scopes, below `auth`. */
    readonly setting: 'exchange' | 'enterprise' | 'shared';
  };
  /** Asks the issuer of the caller for a token in exchange for the caller's. Throws `Denial`. */
  readonly exchange: (caller: Caller, subjectToken: string) => Promise<Issued>;
  readonly subjects: Omit<SubjectTokens, 'keep'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** A token is not used in its last tenth, or its last half minute where that is shorter. */
const LAST_MS = 30_000;
/** A token that is younger was refused for another reason than its age. */
const FRESH_MS = 5000;
/** An issuer that refuses is not asked again before. */
const PAUSE_MS = 2000;
const MAX_ENTRIES = 10_000;

type Entry = {
  readonly issued: Promise<Issued>;
  readonly at: number;
  /** Not used from then on; while the issuer is asked that is never. */
  until: number;
};

/** Tokens for one upstream, one for each caller: asked for once, however many wait, and kept until shortly before they expire. */
export function createExchanged(options: ExchangedOptions): (who: () => Caller) => Authorize {
  const { target, exchange, subjects, now } = options;
  /** Oldest first. */
  const entries = new Map<string, Entry>();

  async function ask(caller: Caller): Promise<Issued> {
    const subject = subjects.of(caller);
    if (subject !== undefined)
      return await exchange(caller, subject).catch((thrown: unknown) => {
        // Kept, it would stand in the way of the one that comes after it.
        if (thrown instanceof Denial && thrown.code === 'token-invalid')
          subjects.drop(caller, subject);
        throw thrown;
      });
    throw new Denial(
      'upstream-failed',
      `Cannot get a credential for ${target.server}: nobody has signed in with a token`,
      { hint: 'sign in over HTTP, or set identity.stdio.token' },
    );
  }

  async function end(entry: Entry): Promise<void> {
    try {
      const { expires } = await entry.issued;
      entry.until = expires - Math.min(LAST_MS, (expires - entry.at) / 10);
    } catch {
      entry.until = now() + PAUSE_MS;
    }
  }

  function begin(key: string, caller: Caller): Entry {
    const entry: Entry = { issued: ask(caller), at: now(), until: Infinity };
    void end(entry);
    entries.delete(key);
    for (const [old, { until }] of entries)
      if (until <= now() || entries.size >= MAX_ENTRIES) entries.delete(old);
      else break;
    entries.set(key, entry);
    return entry;
  }

  return function authorize(who) {
    return {
      async token(caller = who()) {
        const key = claimsOf(caller);
        const known = entries.get(key);
        const entry = known && known.until > now() ? known : begin(key, caller);
        return (await entry.issued).token;
      },
      async renew(refused, caller = who()) {
        const key = claimsOf(caller);
        const known = entries.get(key);
        if (known && (await known.issued.catch(() => undefined))?.token === refused) {
          if (now() - known.at < FRESH_MS) return false;
          // Others may have begun while this one waited.
          if (entries.get(key) === known) begin(key, caller);
        }
        return true;
      },
      missing: (scopes) => missing(target, scopes),
    };
  };
}

/** What the caller has to grant; only what the owner lets the gateway ask for, whatever the server would like. */
function missing(
  { server, scopes: own, setting }: ExchangedOptions['target'],
  asked: readonly string[],
): Denial {
  const scopes = asked.filter((scope) => own.includes(scope));
  if (scopes.length > 0)
    return new Denial(
      'scope-insufficient',
      `Cannot complete the call: ${server} needs the scope ${scopes.join(' ')}`,
      { scopes },
    );
  return new Denial(
    'upstream-failed',
    `Cannot complete the call: ${server} wants a scope that it is not asked for`,
    { hint: `the owner of the gateway names scopes in auth.${setting}.scopes of that server` },
  );
}
