import type { RequestId } from './frames.ts';
import type { Stages } from '../pipeline.ts';

/** Which of the client's requests each server works for: what it asks and tells meanwhile belongs to the last of them. */
export interface InWork {
  readonly related: (server: string) => RequestId | undefined;
  /** The same dispatch, whose requests count while they are in flight. */
  readonly during: (dispatch: Stages['dispatch']) => Stages['dispatch'];
}

export function createInWork(): InWork {
  const inWork = new Map<string, RequestId[]>();
  return {
    related: (server) => inWork.get(server)?.at(-1),
    during: (dispatch) =>
      async function working(grant, signal) {
        const { call } = grant.permit;
        const ids = inWork.get(call.subject.server) ?? [];
        inWork.set(call.subject.server, ids);
        ids.push(call.id);
        try {
          return await dispatch(grant, signal);
        } finally {
          ids.splice(ids.indexOf(call.id), 1);
        }
      },
  };
}
