import type { Stages } from '../pipeline.ts';
import type { RequestId } from './frames.ts';
import type { Upstream } from './upstream.ts';

/** Which requests of the client the servers work for. */
export interface InWork {
  /** The stage, during which the request counts as worked for. */
  readonly working: (dispatch: Stages['dispatch']) => Stages['dispatch'];
  /**
   * The request that something of a server's belongs to: the one on whose stream it came, `cause` being ours, or where the
   * transport does not tell the newest that the server works for. What a task says names it, so one is no guess.
   */
  readonly related: (upstream: Upstream, cause: RequestId | undefined) => RequestId | undefined;
}

/** `isTask`: the server runs this as a task of its own. */
export function createInWork(isTask: (id: RequestId) => boolean): InWork {
  const byServer = new Map<string, RequestId[]>();
  return {
    working(dispatch) {
      return async (grant, signal) => {
        const { call } = grant.permit;
        const ids = byServer.get(call.subject.server) ?? [];
        byServer.set(call.subject.server, ids);
        ids.push(call.id);
        try {
          return await dispatch(grant, signal);
        } finally {
          ids.splice(ids.indexOf(call.id), 1);
        }
      };
    },
    related: (upstream, cause) =>
      cause === undefined
        ? byServer.get(upstream.name)?.findLast((id) => !isTask(id))
        : upstream.relatedTo(cause),
  };
}
