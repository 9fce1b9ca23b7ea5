import type { CallMethod, Session } from '../call.ts';
import { Denial } from '../denial.ts';
import type { JsonObject } from '../lib/json.ts';
import type { RunCall } from '../pipeline.ts';
import type { Classified, RequestId } from './frames.ts';
import { SERVER_REQUESTS, treatment } from './methods.ts';
import type { Refused } from './refused.ts';
import { denialFrame, errorFrame, replyFrame, resultFrame } from './reply.ts';
import type { Upstream } from './upstream.ts';

type Request = Extract<Classified, { kind: 'request' }>;

/** What a server may ask, and the capability the client must have declared for it. */
const ASKS: ReadonlyMap<string, { readonly method: CallMethod; readonly needs: string }> = new Map([
  ['sampling/createMessage', { method: 'sampling/createMessage', needs: 'sampling' }],
  ['elicitation/create', { method: 'elicitation/create', needs: 'elicitation' }],
  ['roots/list', { method: 'roots/list', needs: 'roots' }],
]);

export type ServerRequestOptions = {
  readonly session: () => Session;
  /** The pipeline towards the client: decides, scans what is asked, asks, returns the answer. */
  readonly runFor: (upstream: Upstream, cause: RequestId | undefined) => RunCall;
  readonly clientCapabilities: () => JsonObject;
  readonly onRefused: Refused;
};

export interface ServerRequests {
  /** `cause`: our request on whose stream it came, where the transport tells. */
  answer(upstream: Upstream, request: Request, cause?: RequestId): Promise<void>;
  readonly cancel: (upstream: Upstream, requestId: unknown) => void;
  /** Cancels what a server that went away had asked. */
  drop(upstream: Upstream): void;
}

const MAX_IN_FLIGHT = 16;

/** Answers what servers ask of the client whose calls they work for; deny by default. */
export function createServerRequests(options: ServerRequestOptions): ServerRequests {
  const inFlight = new Map<Upstream, Map<RequestId, AbortController>>();

  async function answer(
    upstream: Upstream,
    { id, method, params }: Request,
    cause?: RequestId,
  ): Promise<void> {
    const row = treatment(SERVER_REQUESTS, method);
    if (row === 'answer') {
      upstream.respond(resultFrame(id, {}));
      return;
    }
    const call = ASKS.get(method);
    if (
      row === undefined ||
      call === undefined ||
      options.clientCapabilities()[call.needs] === undefined
    ) {
      options.onRefused(`${upstream.name} asked for what the client does not offer`, {
        method,
        code: -32601,
      });
      upstream.respond(errorFrame(id, -32601, `Method not found: ${method}`));
      return;
    }
    const own = inFlight.get(upstream) ?? new Map<RequestId, AbortController>();
    inFlight.set(upstream, own);
    if (own.has(id) || own.size >= MAX_IN_FLIGHT) {
      options.onRefused(`${upstream.name} asks too much at once, or twice under one id`, {
        method,
        code: -32600,
      });
      upstream.respond(
        errorFrame(
          id,
          -32600,
          'Cannot accept the request: too many in flight, or its id is in use',
        ),
      );
      return;
    }
    const controller = new AbortController();
    own.set(id, controller);
    try {
      const session = options.session();
      const reply = await options.runFor(upstream, cause)(
        { id, session, method: call.method, params },
        controller.signal,
      );
      if (!controller.signal.aborted) upstream.respond(replyFrame(id, reply));
    } catch (thrown) {
      const denial = Denial.from(thrown);
      if (!controller.signal.aborted)
        upstream.respond(denialFrame(id, method, denial, denial.traceId ?? ''));
    } finally {
      own.delete(id);
    }
  }

  return {
    answer,
    cancel(upstream, requestId) {
      if (typeof requestId === 'string' || typeof requestId === 'number')
        inFlight
          .get(upstream)
          ?.get(requestId)
          ?.abort(new Denial('upstream-failed', 'Cannot ask the client: the server cancelled'));
    },
    drop(upstream) {
      const gone = new Denial('upstream-failed', 'Cannot ask the client: the server went away');
      for (const controller of inFlight.get(upstream)?.values() ?? []) controller.abort(gone);
    },
  };
}
