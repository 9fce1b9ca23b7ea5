import type { Subject } from '../call.ts';
import { DEFINITION_KINDS, definitionHash } from './definition.ts';
import type { Lock } from './lock.ts';

/** What a server of the gateway's own is; it ships with the program, so its pin is the program itself. */
export type OwnServer = Pick<Subject, 'classes' | 'dataClass' | 'source' | 'sink'>;

/** The lock, except that servers of the gateway's own need no entry in the file and cannot be given one. */
export function withOwnServers(lock: Lock, own: ReadonlyMap<string, OwnServer>): Lock {
  if (own.size === 0) return lock;
  return {
    ...lock,
    [Symbol.asyncDispose]: async () => await lock[Symbol.asyncDispose](),
    subject(server, kind, name, definition) {
      const known = own.get(server);
      if (known === undefined) return lock.subject(server, kind, name, definition);
      return Object.freeze({
        ...known,
        kind: DEFINITION_KINDS[kind].subject,
        server,
        name,
        pin: 'match',
        reviewed: true,
        hash: definitionHash(kind, definition),
        definition,
      });
    },
    admit: (claims) => lock.admit(claims.filter(({ server }) => !own.has(server))),
  };
}
