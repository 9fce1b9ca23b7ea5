import { decodeJwt } from 'jose';
import type { Caller } from '../call.ts';
import type { StdioIdentity } from '../config/config.ts';
import { Denial } from '../denial.ts';
import { readPrivateFile } from '../state/private-file.ts';
import { localCaller, tokenCaller } from './local-caller.ts';
import type { SubjectTokens } from './subject-tokens.ts';

type Keep = Pick<SubjectTokens, 'keep'>;
type TokenIdentity = Extract<StdioIdentity, { kind: 'token' }>;

/** Who sits in front of this machine, for as long as that holds. */
export type StdioPresence = Disposable & {
  /** Whom the configuration, or the token as it is now, names. Throws `Denial` once the token is no good any more. */
  readonly who: () => Caller;
};

/** How often the token is checked again, and its file read. */
const LOOK_MS = 1000;

/** Who sits in front of this machine, by the configuration. `subjects` keeps the token, where there is one. */
export async function stdioCaller(identity: StdioIdentity, subjects?: Keep): Promise<Caller> {
  if (identity.kind === 'user') return localCaller(identity);
  return (await (await createCheck(identity, subjects))()).caller;
}

/** The same for a process that goes on: a token counts until it expires, and a file may bring the next one. */
export async function openStdioCaller(
  identity: StdioIdentity,
  { subjects, now }: { readonly subjects: Keep; readonly now: () => number },
): Promise<StdioPresence> {
  if (identity.kind === 'user') {
    const caller = localCaller(identity);
    return { who: () => caller, [Symbol.dispose]: () => undefined };
  }
  const check = await createCheck(identity, subjects);
  const first = await check();
  let present: Checked | Denial = first;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    try {
      const next = await check();
      // Everything this process keeps is of the first one.
      present = isSame(next.caller, first.caller)
        ? next
        : refusal('it names another person now', 'start the gateway anew');
    } catch (thrown) {
      present = refusal(
        'it is not accepted any more',
        'tokenFile' in identity
          ? 'put a fresh one into its file'
          : 'start the gateway with another',
        thrown,
      );
    } finally {
      looking = undefined;
    }
  }
  const timer = setInterval(() => void (looking ??= look()), LOOK_MS).unref();

  return {
    who() {
      if (present instanceof Denial) throw present;
      // Not only by the timer: a machine that slept wakes up with both.
      if (now() >= present.expires)
        throw refusal('it has expired', 'a fresh one is needed in its place');
      return present.caller;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

type Checked = {
  readonly caller: Caller;
  /** Milliseconds since 1970; what the clocks may differ is in it. */
  readonly expires: number;
};

async function createCheck(
  identity: TokenIdentity,
  subjects: Keep | undefined,
): Promise<() => Promise<Checked>> {
  const { createVerifier } = await import('./verifier.ts');
  const { issuer, audience, jwks, groupsClaim, algorithms, clockToleranceS } = identity;
  const verifier = createVerifier({
    issuer,
    audience,
    groupsClaim,
    algorithms,
    clockToleranceS,
    subjects,
    jwks: URL.canParse(jwks) ? new URL(jwks) : jwks,
  });
  return async function check() {
    const token = 'tokenFile' in identity ? readPrivateFile(identity.tokenFile) : identity.token;
    const caller = await tokenCaller(token, verifier);
    const { exp = 0 } = decodeJwt(token.trimEnd());
    return { caller, expires: (exp + clockToleranceS) * 1000 };
  };
}

function isSame(one: Caller, other: Caller): boolean {
  return (
    one.issuer === other.issuer && one.subject === other.subject && one.client === other.client
  );
}

/** `cause` is for the owner: it may say where the file is. */
function refusal(why: string, hint: string, cause?: unknown): Denial {
  return new Denial('token-invalid', `Cannot continue: the token of identity.stdio: ${why}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
