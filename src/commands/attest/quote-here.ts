import type { Claims } from '../../attest/claims.ts';
import { createTpm, tctiOf } from '../../attest/tpm.ts';
import { Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';

/** A quote of this machine's TPM, or why there is none. One that was asked for has to be there: throws a `Fault` else. */
export async function quoteHere(
  bound: Buffer,
  env: NodeJS.ProcessEnv,
  asked: string | undefined,
): Promise<Claims['submods']['tpm']> {
  try {
    return await createTpm(tctiOf(env, asked), env).quote(bound);
  } catch (thrown) {
    if (asked !== undefined || !(thrown instanceof Fault)) throw thrown;
    return { unknown: visible(thrown.message).slice(0, 1000) };
  }
}
