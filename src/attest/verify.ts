import type { KeyObject } from 'node:crypto';
import { openCompact, TokenError, type Signed } from '../signing/compact.ts';
import type { Key } from '../signing/keys.ts';
import { AttestFault } from './attest-fault.ts';
import {
  ATTEST_TYPE,
  boundBy,
  CLAIM_LIMITS,
  issuerOf,
  LIFETIME_S,
  readClaims,
  readMeasurements,
  type Claims,
  type Measurements,
  type PartName,
} from './claims.ts';
import { LEVELS, levelOf, type Level } from './level.ts';
import { verifyQuote } from './quote.ts';
import { compare, comparePcrs, type Reference } from './reference.ts';

/** What a verifier asks of an attestation. */
export type Demands = {
  /** Keys whose word counts, by id. */
  readonly trusted: ReadonlyMap<string, Key>;
  readonly now: Date;
  /** Seconds. */
  readonly maxAgeS: number;
  readonly nonce?: string | undefined;
  readonly audience?: string | undefined;
  /** Each has to hold. */
  readonly references: readonly Reference[];
  /** The key of a TPM that is trusted. */
  readonly ak?: KeyObject | undefined;
  /** The least that is enough. */
  readonly level: Level;
};

export type Verdict = {
  readonly level: Level;
  readonly kid: string;
  readonly claims: Claims;
  readonly measurements: Measurements;
  /** Parts that are as the references say. */
  readonly compared: readonly PartName[];
  /** PCRs that are as the references say, in a quote by the key that is trusted; absent where none was looked at. */
  readonly pcrs?: readonly string[];
  /** Why the level is not a higher one. */
  readonly notHigher: readonly string[];
};

/** How far clocks may differ, in seconds. */
const TOLERANCE_S = 60;
const MAX_TOKEN = 2 * CLAIM_LIMITS.maxBytes;

/** Proves an attestation from the outside in: who signed it, what it claims, when and for whom. Throws an `AttestFault`. */
export async function verifyAttestation(text: Uint8Array, demands: Demands): Promise<Verdict> {
  const { payload, kid } = await open(text, demands.trusted);
  const claims = readClaims(payload);
  if (claims.iss !== issuerOf(kid))
    throw new AttestFault('issuer', 'its issuer is not the key that signed it');
  requireTime(claims, demands);
  requireAudience(claims, demands);
  requireNonce(claims, demands);
  const measurements = readMeasurements(claims);
  const compared = requireExpected(measurements, demands);
  const pcrs = requireQuote(claims, demands);
  const isFresh = demands.nonce !== undefined;
  const { level, notHigher } = levelOf({ claims, measurements, compared, pcrs, isFresh });
  if (LEVELS.indexOf(level) < LEVELS.indexOf(demands.level))
    throw new AttestFault('level', `${demands.level} is asked for, and it proves ${level}`, {
      hint: notHigher.join('; '),
    });
  const verdict = { level, kid, claims, measurements, compared: [...compared], notHigher };
  return pcrs === undefined ? verdict : { ...verdict, pcrs: [...pcrs] };
}

async function open(text: Uint8Array, trusted: Demands['trusted']): Promise<Signed> {
  // One line end is what a shell leaves behind; anything else in a token is not of it.
  const token = Buffer.from(text)
    .toString('latin1')
    .replace(/\r?\n$/u, '');
  if (token.length > MAX_TOKEN) throw new AttestFault('malformed', 'it is too long');
  try {
    return await openCompact(token, trusted, ATTEST_TYPE);
  } catch (thrown) {
    if (thrown instanceof TokenError) throw new AttestFault(thrown.problem, thrown.message);
    throw thrown;
  }
}

function requireTime({ iat, exp }: Claims, { now, maxAgeS }: Demands): void {
  const at = now.getTime() / 1000;
  // Who signs for years ahead has not looked at what will be there then.
  if (exp <= iat || exp - iat > LIFETIME_S)
    throw new AttestFault('claims', `it is not for at most ${LIFETIME_S} s`);
  if (iat > at + TOLERANCE_S)
    throw new AttestFault('not-yet-valid', 'it says that it was made in the future');
  if (at >= exp) throw new AttestFault('expired', `it was good until ${moment(exp)}`);
  if (at - iat > maxAgeS)
    throw new AttestFault('too-old', `it was made at ${moment(iat)}, more than ${maxAgeS} s ago`);
}

/** RFC 7519 section 4.1.3: who is not named there must not take it. */
function requireAudience({ aud }: Claims, { audience }: Demands): void {
  if (aud === audience) return;
  if (audience === undefined)
    throw new AttestFault('audience', 'it was made for somebody', {
      hint: '--audience says who you are',
    });
  const whom = aud === undefined ? 'nobody in particular' : 'somebody else';
  throw new AttestFault('audience', `it was made for ${whom}`);
}

function requireNonce({ eat_nonce: own }: Claims, { nonce }: Demands): void {
  if (nonce === undefined || own === nonce) return;
  throw new AttestFault('nonce', own === undefined ? 'it has no nonce' : 'its nonce is another');
}

/** What is not as expected is no lower level: somebody has changed it. */
function requireExpected(
  measurements: Measurements,
  { references }: Demands,
): ReadonlySet<PartName> {
  const found = references.map((reference) => compare(measurements, reference));
  requireNone(found.flatMap(({ differences }) => differences));
  return new Set(found.flatMap(({ compared }) => compared));
}

/** The PCRs of a quote that are as expected; undefined without a quote or a key. A quote that is wrong is no lower level. */
function requireQuote(
  claims: Claims,
  { ak, references }: Demands,
): ReadonlySet<string> | undefined {
  const { tpm } = claims.submods;
  if (ak === undefined || 'unknown' in tpm) return undefined;
  const proven = verifyQuote(tpm, ak, boundBy(claims));
  const found = references.map((reference) => comparePcrs(proven, reference));
  requireNone(found.flatMap(({ differences }) => differences));
  return new Set(found.flatMap(({ compared }) => compared));
}

function requireNone(differences: readonly string[]): void {
  if (differences.length > 0)
    throw new AttestFault('mismatch', [...new Set(differences)].join('; '));
}

function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
