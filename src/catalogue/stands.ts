import type { Subject } from '../call.ts';
import type { Catalogue } from './catalogue.ts';
import { KINDS_OF, relist, type FindOptions } from './find.ts';

export type StandsOptions = Pick<FindOptions, 'isFresh' | 'recheck'> & {
  readonly catalogue: Pick<Catalogue, 'current'>;
};

/**
 * Whether what was decided about is what the server lists now, accepted and unchanged. A person may have thought for
 * minutes about a definition that the server has changed since, without a word.
 */
export type Stands = (subject: Subject) => Promise<boolean>;

export function createStands({ catalogue, isFresh, recheck }: StandsOptions): Stands {
  return async function stands(subject) {
    const { kind, server } = subject;
    if (kind === 'request') return false;
    if (KINDS_OF[kind].every((each) => isFresh(server, each)))
      return catalogue.current(subject) !== undefined;
    const listed = await relist(KINDS_OF[kind], server, recheck);
    const entry = catalogue.current(subject);
    return entry !== undefined && listed.get(entry.kind) === true;
  };
}
