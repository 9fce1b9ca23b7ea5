import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWTVerifyResult } from 'jose';
import { Denial } from '../denial.ts';
import { createSeen } from './seen.ts';

/** A token that is bound to a key, without a proof of that key that holds. */
export class ProofDenial extends Denial {
  constructor(why: string, options: ErrorOptions = {}) {
    super('token-invalid', `Cannot accept the proof of the key: ${why}`, options);
  }
}

/** What one request proves with. */
export type Proof = {
  /** Every `DPoP` header of the request. */
  readonly headers: readonly string[];
  readonly method: string;
  readonly token: string;
  /** SHA-256 thumbprint (RFC 7638) of the key that the token is bound to. */
  readonly thumbprint: string;
  /** Whom the token names: proofs of one person take no room from those of another. */
  readonly holder: string;
};

/** Resolves when the proof holds. Throws `ProofDenial`. */
export type CheckProof = (proof: Proof) => Promise<void>;

export type ProofOptions = {
  /** The URL of this resource, as its clients write it. */
  readonly resource: string;
  readonly clockToleranceS: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Proofs that are remembered at once; absent: 200,000. */
  readonly maxProofs?: number;
};

/** Signatures of proofs that are accepted; said in the metadata and in the challenge. */
export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;

const MAX_BYTES = 8192;
const MAX_AGE_S = 60;
const MAX_JTI = 256;

/** Checks DPoP proofs as RFC 9449 §4.3 says; each is good for one request. */
export function createCheckProof(options: ProofOptions): CheckProof {
  const { resource, clockToleranceS, now } = options;
  const own = target(resource);
  const seen = createSeen(now, options.maxProofs);

  async function verify(proof: string): Promise<JWTVerifyResult> {
    try {
      return await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: [...PROOF_ALGORITHMS],
        requiredClaims: ['jti', 'iat', 'htm', 'htu', 'ath'],
        maxTokenAge: MAX_AGE_S,
        clockTolerance: clockToleranceS,
        currentDate: new Date(now()),
      });
    } catch (cause) {
      throw new ProofDenial('it cannot be verified, or it is not of now', { cause });
    }
  }

  return async function checkProof({ headers, method, token, thumbprint, holder }) {
    const [proof, ...more] = headers;
    if (proof === undefined) throw new ProofDenial('there is none');
    if (more.length > 0) throw new ProofDenial('there is more than one');
    if (proof.length > MAX_BYTES) throw new ProofDenial(`longer than ${MAX_BYTES} bytes`);
    const { payload, protectedHeader } = await verify(proof);
    const { jti, iat = 0, htm, htu, ath } = payload;
    if (protectedHeader.jwk === undefined) throw new ProofDenial('it names no key');
    if ((await calculateJwkThumbprint(protectedHeader.jwk)) !== thumbprint)
      throw new ProofDenial('it is of another key');
    if (htm !== method) throw new ProofDenial('it is for another method');
    if (typeof htu !== 'string' || target(htu) !== own)
      throw new ProofDenial('it is for another address');
    if (ath !== digest(token)) throw new ProofDenial('it is for another token');
    if (jti === undefined || jti === '' || jti.length > MAX_JTI)
      throw new ProofDenial('its id is not a name');
    // Last: only who holds the key can fill this memory, and only their own part of it. The whole last second long the proof is still of now.
    const until = (iat + MAX_AGE_S + clockToleranceS + 1) * 1000;
    if (!seen.first(holder, `${thumbprint} ${digest(jti)}`, until))
      throw new ProofDenial('it was used before, or there are too many of yours');
  };
}

/** A URL without query and fragment, which a proof leaves out; empty for what is none. */
function target(text: string): string {
  if (!URL.canParse(text)) return '';
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
