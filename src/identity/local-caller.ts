import type { Caller } from '../call.ts';
import type { Verifier } from './verifier.ts';

/** The person at this machine, for whom its owner vouches in the configuration; nothing was proved (assurance 0). */
export function localCaller(options: {
  readonly user: string;
  readonly groups: readonly string[];
}): Caller {
  return {
    issuer: 'local',
    subject: options.user,
    client: 'local',
    groups: [...options.groups],
    scopes: [],
    assurance: 0,
  };
}

/** The person whom a token from the environment or a file names; a line end after it is not part of it. */
export async function tokenCaller(token: string, verifier: Verifier): Promise<Caller> {
  return await verifier.verify(token.trimEnd());
}
