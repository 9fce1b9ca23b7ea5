import { EXIT, Fault } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';
import type { TokenProblem } from '../signing/compact.ts';

/** Why an attestation is not believed. Closed: who verifies many may count them. */
export type AttestProblem =
  | TokenProblem
  | 'claims'
  | 'profile'
  | 'issuer'
  | 'not-yet-valid'
  | 'expired'
  | 'too-old'
  | 'audience'
  | 'nonce'
  | 'quote'
  | 'mismatch'
  | 'level';

/** An attestation that is not verified. */
export class AttestFault extends Fault {
  readonly problem: AttestProblem;

  constructor(problem: AttestProblem, why: string, options: { readonly hint?: string } = {}) {
    super(visible(`Cannot verify the attestation: ${why}`), { exit: EXIT.no, ...options });
    this.problem = problem;
  }
}
