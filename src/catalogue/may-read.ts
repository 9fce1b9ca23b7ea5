import type { CallMethod, Session, Subject } from '../call.ts';
import type { Catalogue } from './catalogue.ts';

export type MayReadOptions = {
  readonly catalogue: Pick<Catalogue, 'find'>;
  readonly exposeUri: (server: string, uri: string) => string;
  readonly visible: (
    session: Session,
    method: CallMethod,
    subjects: readonly Subject[],
  ) => readonly Subject[];
};

/** Whether this caller could read the resource now: a server names it, so it may be one that is hidden, held back or no one's. */
export type MayRead = (session: Session, server: string, uri: string) => boolean;

export function createMayRead({ catalogue, exposeUri, visible }: MayReadOptions): MayRead {
  return function mayRead(session, server, uri) {
    const entry = catalogue.find('resource', exposeUri(server, uri));
    return (
      entry !== undefined &&
      entry.quarantine === undefined &&
      visible(session, 'resources/read', [entry.subject]).length > 0
    );
  };
}
