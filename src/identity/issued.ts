import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { Denial } from '../denial.ts';

/** A token for one upstream, on behalf of one caller. */
export type Issued = {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
};

/** What a token is asked for. */
export type Target = {
  /** Of the configuration, for messages. */
  readonly server: string;
  readonly scopes: readonly string[];
};

export type IssuedRules = {
  /** What it must not be: whatever was shown to get it. */
  readonly shown: readonly string[];
  /** What this gateway is as a resource: no upstream gets a token for that. */
  readonly audiences: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** A token of which nobody says how long it lives. */
const UNSAID_LIFE_S = 60;
const MAX_TOKEN = 16_384;

/** What an issuer gave, where it may be shown to that upstream. Throws `Denial('upstream-failed')`. */
export function issuedOf(
  answer: oauth.TokenEndpointResponse,
  { server, scopes }: Target,
  { shown, audiences, now }: IssuedRules,
): Issued {
  const { access_token: token, token_type: type, expires_in: life = UNSAID_LIFE_S } = answer;
  const failed = (why: string): Denial => noCredential(server, why);
  if (type !== 'bearer') throw failed('the issuer gave one that is no bearer token');
  if (token.length > MAX_TOKEN || !/^[\u0021-\u007e]+$/u.test(token))
    throw failed('what the issuer gave cannot stand in a header');
  // The caller's own token would open this gateway to whoever runs the upstream.
  if (shown.includes(token)) throw failed('the issuer gave the caller’s own token back');
  // An issuer that does not heed `audience` may give a fresh one that does the same.
  if (audiencesOf(token).some((one) => one !== undefined && audiences.includes(one)))
    throw failed('the issuer gave a token for this gateway');
  const wider = answer.scope?.split(' ').some((scope) => scope !== '' && !scopes.includes(scope));
  if (wider === true) throw failed('the issuer gave more than was asked for');
  return { token, expires: now + life * 1000 };
}

/** The word of the caller's issuer in ours: what it says beside its code may quote a token. */
export function refusalOf(cause: unknown, { server, scopes }: Target): Denial {
  const code = codeOf(cause);
  if (code === 'invalid_grant')
    return new Denial(
      'token-invalid',
      `Cannot get a credential for ${server}: the issuer does not accept the token of the caller`,
      { cause },
    );
  if (code === 'invalid_scope' || code === 'insufficient_scope')
    return new Denial(
      'scope-insufficient',
      `Cannot get a credential for ${server}: the caller has not granted what it needs`,
      { cause, scopes },
    );
  return noCredential(server, saidBy('the issuer', cause), cause);
}

/** What an issuer says by its code, which quotes nothing. */
export function saidBy(issuer: string, cause: unknown): string {
  const code = codeOf(cause);
  return code !== undefined && /^[a-z_]{1,64}$/u.test(code)
    ? `${issuer} says ${code}`
    : `${issuer} cannot be asked`;
}

export function noCredential(server: string, why: string, cause?: unknown): Denial {
  return new Denial('upstream-failed', `Cannot get a credential for ${server}: ${why}`, { cause });
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof oauth.ResponseBodyError ? cause.error : undefined;
}

/** Whom a token says it is for; nobody where it does not say. */
function audiencesOf(token: string): readonly (string | undefined)[] {
  try {
    return [decodeJwt(token).aud].flat();
  } catch {
    return [];
  }
}
