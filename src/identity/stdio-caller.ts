import type { Caller } from '../call.ts';
import type { StdioIdentity } from '../config/config.ts';
import { localCaller, tokenCaller } from './local-caller.ts';
import type { SubjectTokens } from './subject-tokens.ts';

/** Who sits in front of this machine, by the configuration. `subjects` keeps the token, where there is one. */
export async function stdioCaller(
  identity: StdioIdentity,
  subjects?: Pick<SubjectTokens, 'keep'>,
): Promise<Caller> {
  if (identity.kind === 'user') return localCaller(identity);
  const { createVerifier } = await import('./verifier.ts');
  const { token, jwks, client: _own, ...rest } = identity;
  return await tokenCaller(
    token,
    createVerifier({ ...rest, subjects, jwks: URL.canParse(jwks) ? new URL(jwks) : jwks }),
  );
}
