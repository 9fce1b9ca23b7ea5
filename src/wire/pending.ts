import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import type { Frame } from './channel.ts';
import { UpstreamError } from './upstream-error.ts';

export type RequestOptions = {
  readonly signal: AbortSignal;
  /** Milliseconds without an answer or progress. */
  readonly timeoutMs: number;
  /** Milliseconds in all, progress or not. */
  readonly maxTotalMs: number;
  /** Asks for progress; takes each notification's params with the token still the gateway's own. */
  readonly onProgress?: (params: JsonObject) => void;
  /** Until this ends its token stays good: a task goes on when the request that began it has been answered. */
  readonly lasting?: AbortSignal;
  /** The request in flight on the other side that caused this one. */
  readonly related?: string | number | undefined;
  /** Who was decided about; absent: whoever asks when it is sent. */
  readonly caller?: Caller;
  /** Runs before a request that was certainly not worked on is sent again; throws when it must not be. */
  readonly beforeRetry?: () => void;
};

type Waiting = {
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (reason: Error) => void;
  readonly touch: () => void;
  readonly onProgress: ((params: JsonObject) => void) | undefined;
  readonly related: string | number | undefined;
};

export interface Pending {
  /** Sends a request under an id of the gateway's own and waits. Rejects with `Denial` or `UpstreamError`. */
  request(method: string, params: JsonObject, options: RequestOptions): Promise<JsonObject>;
  /** Takes a response. `false`: nobody waits for that id (answered twice, late, or another's). */
  settle(id: string | number, frame: Frame): boolean;
  /** No answer to this request will come. */
  fail(id: number, reason: Denial): void;
  /** Takes a progress notification. `false`: no request in flight has that token. */
  progress(params: JsonObject): boolean;
  /** What caused the request in flight that has this id. */
  relatedTo(id: string | number): string | number | undefined;
  /** Whether the request with this id still waits. */
  has(id: string | number): boolean;
  /** Requests in flight. */
  readonly size: number;
  failAll(reason: Error): void;
  /** The peer is gone for good: nothing waits for it any more, what comes late least of all. */
  close(reason: Error): void;
}

/** Requests in flight to one peer; ids and progress tokens are the gateway's own, so none can be guessed across peers. */
export function createPending(
  peer: string,
  send: (frame: Frame, related?: string | number, caller?: Caller) => Promise<void>,
): Pending {
  const waiting = new Map<string | number, Waiting>();
  /** Who hears of progress after the answer, by token. */
  const lasting = new Map<string | number, (params: JsonObject) => void>();
  let lastId = 0;
  let gone: Error | undefined;

  async function request(
    method: string,
    params: JsonObject,
    options: RequestOptions,
  ): Promise<JsonObject> {
    options.signal.throwIfAborted();
    if (gone) throw gone;
    const id = ++lastId;
    return await new Promise<JsonObject>((resolve, reject) => {
      function finish(act: () => void): void {
        if (!waiting.delete(id)) return;
        clearTimeout(idle);
        clearTimeout(total);
        options.signal.removeEventListener('abort', onAbort);
        act();
      }
      function giveUp(why: string, error: Error): void {
        finish(() => {
          // The spec forbids to cancel `initialize`.
          if (method !== 'initialize')
            send({
              jsonrpc: '2.0',
              method: 'notifications/cancelled',
              params: { requestId: id, reason: why },
            }).catch(() => undefined);
          reject(error);
        });
      }
      function timeOut(): void {
        giveUp(
          'timeout',
          new Denial(
            'upstream-timeout',
            `Cannot complete the call: ${peer} did not answer in time`,
          ),
        );
      }
      function onAbort(): void {
        const why: unknown = options.signal.reason;
        giveUp(
          // The canceller's own words, where it gave any.
          why instanceof Denial && typeof why.cause === 'string' ? why.cause : 'cancelled',
          why instanceof Error
            ? why
            : new Denial('upstream-failed', 'Cannot complete the call: cancelled'),
        );
      }
      const idle = setTimeout(timeOut, options.timeoutMs);
      const total = setTimeout(timeOut, options.maxTotalMs);
      options.signal.addEventListener('abort', onAbort, { once: true });
      waiting.set(id, {
        resolve: (result) =>
          finish(() => {
            outlive(id, options);
            resolve(result);
          }),
        reject: (reason) => finish(() => reject(reason)),
        touch: () => idle.refresh(),
        onProgress: options.onProgress,
        related: options.related,
      });
      const sent = withToken(params, options.onProgress ? id : undefined);
      send(
        // Whoever sent no `params` gets none: some peers refuse an empty object where none is defined.
        { jsonrpc: '2.0', id, method, ...(Object.keys(sent).length > 0 ? { params: sent } : {}) },
        options.related,
        options.caller,
      ).catch((thrown: unknown) =>
        finish(() =>
          reject(
            thrown instanceof Denial
              ? thrown
              : new Denial('upstream-failed', `Cannot reach ${peer}`, { cause: thrown }),
          ),
        ),
      );
    });
  }

  function outlive(id: number, { lasting: until, onProgress }: RequestOptions): void {
    if (until === undefined || until.aborted || onProgress === undefined) return;
    lasting.set(id, onProgress);
    until.addEventListener('abort', () => lasting.delete(id), { once: true });
  }

  function settle(id: string | number, frame: Frame): boolean {
    const entry = waiting.get(id);
    if (!entry) return false;
    const { result, error } = frame;
    if (isJsonObject(error)) entry.reject(new UpstreamError(error));
    else if (isJsonObject(result)) entry.resolve(result);
    else
      entry.reject(new Denial('upstream-failed', `Cannot read the answer of ${peer}: no result`));
    return true;
  }

  function progress(params: JsonObject): boolean {
    const token = params['progressToken'];
    if (typeof token !== 'number' && typeof token !== 'string') return false;
    const entry = waiting.get(token);
    const hear = entry === undefined ? lasting.get(token) : entry.onProgress;
    if (!hear) return false;
    entry?.touch();
    hear(params);
    return true;
  }

  function failAll(reason: Error): void {
    for (const entry of waiting.values()) entry.reject(reason);
  }

  return {
    request,
    settle,
    progress,
    fail: (id, reason) => waiting.get(id)?.reject(reason),
    failAll,
    close(reason) {
      gone = reason;
      failAll(reason);
    },
    relatedTo: (id) => waiting.get(id)?.related,
    has: (id) => waiting.has(id),
    get size() {
      return waiting.size;
    },
  };
}

/** The client's own token must not reach the peer, and the peer's must not be the client's. */
function withToken(params: JsonObject, token: number | undefined): JsonObject {
  const meta = isJsonObject(params['_meta']) ? params['_meta'] : undefined;
  if (meta === undefined)
    return token === undefined ? params : { ...params, _meta: { progressToken: token } };
  const { progressToken: _own, ...rest } = meta;
  return { ...params, _meta: token === undefined ? rest : { ...rest, progressToken: token } };
}
