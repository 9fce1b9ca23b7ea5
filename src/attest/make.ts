import { signCompact } from '../signing/compact.ts';
import type { Key } from '../signing/keys.ts';
import { canonicalJson } from '../lib/json.ts';
import {
  ATTEST_TYPE,
  issuerOf,
  LIFETIME_S,
  PROFILE,
  wrapMeasurements,
  type Claims,
  type Measurements,
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
};

/** Claims about what was measured, and the signed token that carries them. */
export async function makeAttestation(
  options: MakeOptions,
): Promise<{ readonly claims: Claims; readonly token: string }> {
  const { measurements, key, version, debuggable, now, nonce, audience } = options;
  const iat = Math.floor(now.getTime() / 1000);
  const claims: Claims = {
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
  const payload = Buffer.from(canonicalJson({ ...claims }));
  return { claims, token: await signCompact(payload, key, ATTEST_TYPE) };
}
