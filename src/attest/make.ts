import { signCompact } from '../signing/compact.ts';
import type { Key } from '../signing/keys.ts';
import { canonicalJson } from '../lib/json.ts';
import {
  ATTEST_TYPE,
  boundBy,
  issuerOf,
  LIFETIME_S,
  PROFILE,
  wrapMeasurements,
  type Claims,
  type Measurements,
  type OwnClaims,
} from './claims.ts';

export type MakeOptions = {
  readonly measurements: Measurements;
  readonly key: Key;
  readonly version: string;
  /** Whether a debugger can enter this process. */
  readonly debuggable: boolean;
  readonly now: Date;
  readonly nonce?: string | undefined;
  readonly audience?: string | undefined;
  /** Evidence of this machine's TPM about a digest of the claims; says why where there is none. */
  readonly prove: (bound: Buffer) => Promise<Claims['submods']['tpm']>;
};

/** Claims about what was measured, and the signed token that carries them. */
export async function makeAttestation(
  options: MakeOptions,
): Promise<{ readonly claims: Claims; readonly token: string }> {
  const { measurements, key, version, debuggable, now, nonce, audience, prove } = options;
  const iat = Math.floor(now.getTime() / 1000);
  const own: OwnClaims = {
    iss: issuerOf(key.kid),
    ...(audience !== undefined && { aud: audience }),
    iat,
    exp: iat + LIFETIME_S,
    ...(nonce !== undefined && { eat_nonce: nonce }),
    eat_profile: PROFILE,
    swname: 'sallyport',
    swversion: [version],
    dbgstat: debuggable ? 'enabled' : 'disabled',
    measurements: wrapMeasurements(measurements),
  };
  const claims: Claims = { ...own, submods: { tpm: await prove(boundBy(own)) } };
  const payload = Buffer.from(canonicalJson({ ...claims }));
  return { claims, token: await signCompact(payload, key, ATTEST_TYPE) };
}
