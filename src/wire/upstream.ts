import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { withResolvers } from '../lib/resolvers.ts';
import type { Channel, Frame, OpenChannel } from './channel.ts';
import type { Classified, RequestId } from './frames.ts';
import { createInbox } from './inbox.ts';
import { LEGACY_VERSIONS } from './methods.ts';
import { createPending, type RequestOptions } from './pending.ts';
import { sendAgain } from './send-again.ts';
import { unreadable } from './unreadable.ts';

export type UpstreamState = 'connecting' | 'ready' | 'down' | 'closed';

export type UpstreamEvents = {
  /** The handshake is done: surfaces may be listed. Called again after each re-connection. */
  onReady(): Promise<void>;
  /**
   * `ready`: it was in use until now; `connecting`: another attempt has failed; `idle`: nobody has asked it anything for
   * `idleMs`, and the next request connects again.
   */
  onDown(reason: string, was: 'ready' | 'connecting' | 'idle'): void;
  /** `cause` is the request in flight on whose stream it came, where the transport tells. */
  onRequest(request: Extract<Classified, { kind: 'request' }>, cause?: RequestId): void;
  onNotification(
    notification: Extract<Classified, { kind: 'notification' }>,
    cause?: RequestId,
  ): void;
  /** Whether it is needed although nobody asks it anything. */
  isAwaited?(): boolean;
  /** A frame that was thrown away, and why; for the audit. */
  onRefused(reason: string): void;
};

export type UpstreamOptions = {
  readonly name: string;
  readonly open: OpenChannel;
  /** `params` of `initialize`: version, capabilities and information of the client behind the gateway. */
  readonly initialize: Promise<JsonObject>;
  readonly events: UpstreamEvents;
  readonly timings: {
    readonly connectMs: number;
    /** First pause before a re-connection; doubles up to `backoffMaxMs`. */
    readonly backoffMs: number;
    readonly backoffMaxMs: number;
  };
  /** Notifications a second that one upstream may send. */
  readonly maxNotificationsPerSecond: number;
  /** Milliseconds without a request after which it is given up until the next one; absent: it is not. */
  readonly idleMs?: number | undefined;
};

/** One upstream server behind one client: connects, shakes hands, re-connects, and keeps requests in flight. */
export interface Upstream {
  readonly name: string;
  readonly state: UpstreamState;
  /** Capabilities the server declared; empty until ready. */
  readonly capabilities: JsonObject;
  /** Its whole answer to `initialize`; empty until ready. */
  readonly welcome: JsonObject;
  /** Resolves when the first attempt has succeeded or failed. */
  readonly settled: Promise<void>;
  /** Requests in flight. */
  readonly inFlight: number;
  /** Frames that came, over all connections. */
  readonly heard: number;
  request(method: string, params: JsonObject, options: RequestOptions): Promise<JsonObject>;
  notify(method: string, params: JsonObject): void;
  respond(frame: Frame): void;
  /** What caused the request in flight that has this id. */
  relatedTo(id: RequestId): RequestId | undefined;
  /** Gives this connection up and makes a new one. */
  readonly restart: (reason: string) => void;
  readonly close: () => Promise<void>;
}

export function createUpstream(options: UpstreamOptions): Upstream {
  const { name, events, timings, idleMs } = options;
  const ended = new AbortController();
  let state: UpstreamState | 'asleep' = 'connecting';
  let channel: Channel | undefined;
  let opening: Promise<void> | undefined;
  let welcome: JsonObject = {};
  let failures = 0;
  let heard = 0;
  let retry: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;
  /** While the first request after a sleep waits for the handshake. */
  let waking: Promise<void> | undefined;
  /** Frames of an earlier connection must not be taken for the present one's. */
  let generation = 0;
  const settled = withResolvers<void>();
  /** Resolved by the next handshake, and when the surfaces have been listed after it. */
  let shaken = withResolvers<void>();
  let recovered = withResolvers<void>();
  const pending = createPending(name, send);
  const inbox = createInbox({
    pending,
    onRequest: (request, cause) => events.onRequest(request, cause),
    onNotification: (notification, cause) => events.onNotification(notification, cause),
    onRefused: (reason) => events.onRefused(reason),
    maxNotificationsPerSecond: options.maxNotificationsPerSecond,
  });

  async function send(frame: Frame, _related?: RequestId, caller?: Caller): Promise<void> {
    if (!channel) throw new Error(`${name} is not connected`);
    await channel.send(frame, caller);
  }

  async function openChannel(own: number, deadline: AbortSignal): Promise<void> {
    const opened = await options.open(
      {
        onFrame: (frame, cause) => {
          if (own !== generation) return;
          heard++;
          inbox.take(frame, cause);
        },
        onUnreadable: (problem, id) => {
          if (own !== generation) return;
          inbox.refuse(problem.message);
          if (id !== undefined) pending.fail(id, unreadable(problem));
        },
        onClose: (reason) => {
          if (own === generation) lost(reason?.message ?? 'the connection was closed');
        },
      },
      deadline,
    );
    if (ended.signal.aborted) await opened.close();
    else channel = opened;
  }

  async function connect(): Promise<void> {
    const own = ++generation;
    const deadline = AbortSignal.any([ended.signal, AbortSignal.timeout(timings.connectMs)]);
    /** Throws when this connection was lost while something was waited for: a newer one may be under way. */
    function checkLive(): void {
      if (own !== generation) throw new Error('the connection was lost');
    }
    try {
      opening = openChannel(own, deadline);
      await opening;
      if (ended.signal.aborted) return;
      // The client may take its time to introduce itself; only the server's part has a deadline.
      const params = await options.initialize;
      checkLive();
      const limit = {
        signal: ended.signal,
        timeoutMs: timings.connectMs,
        maxTotalMs: timings.connectMs,
      };
      const answer = await pending.request('initialize', params, limit);
      checkLive();
      checkVersion(answer);
      welcome = answer;
      await send({ jsonrpc: '2.0', method: 'notifications/initialized' });
      state = 'ready';
      watchIdle();
      shaken.resolve();
      shaken = withResolvers<void>();
      await events.onReady();
      if (own !== generation) return;
      failures = 0;
      recovered.resolve();
      recovered = withResolvers<void>();
    } catch (thrown) {
      if (own === generation) lost(reasonOf(thrown));
    } finally {
      settled.resolve();
    }
  }

  function lost(reason: string): void {
    generation++;
    const old = channel;
    channel = undefined;
    if (state === 'closed') return;
    const was = state === 'ready' ? state : 'connecting';
    state = 'down';
    welcome = {};
    old?.close().catch(() => undefined);
    pending.failAll(
      new Denial(
        'upstream-failed',
        `Cannot complete the call: the server ${name} is not available`,
        {
          cause: new Error(reason),
          hint: 'it is being re-connected; try again in a moment',
        },
      ),
    );
    events.onDown(reason, was);
    const pause = Math.min(timings.backoffMs * 2 ** failures++, timings.backoffMaxMs);
    retry = setTimeout(() => void connect(), pause);
    retry.unref();
  }

  function watchIdle(): void {
    clearTimeout(idle);
    if (idleMs !== undefined && state === 'ready') idle = setTimeout(sleepIfIdle, idleMs).unref();
  }

  function sleepIfIdle(): void {
    if (state !== 'ready') return;
    if (pending.size > 0 || events.isAwaited?.() === true) return watchIdle();
    generation++;
    const old = channel;
    channel = undefined;
    state = 'asleep';
    events.onDown('nobody uses it', 'idle');
    old?.close().catch(() => undefined);
  }

  /** Resolves when the handshake is done, or the attempt has failed. */
  async function wake(): Promise<void> {
    state = 'connecting';
    waking = Promise.race([shaken.promise, connect()]).finally(() => (waking = undefined));
    await waking;
  }

  async function close(): Promise<void> {
    if (state === 'closed') return;
    state = 'closed';
    ended.abort(new Denial('upstream-failed', 'Cannot complete the call: the session is closing'));
    clearTimeout(retry);
    clearTimeout(idle);
    pending.failAll(
      new Denial('upstream-failed', 'Cannot complete the call: the session is closing'),
    );
    settled.resolve();
    await channel?.close();
    // One that was on its way is closed as soon as it is there.
    await opening?.catch(() => undefined);
  }

  void connect();
  return {
    name,
    settled: settled.promise,
    get state() {
      // One that sleeps is there for whoever asks.
      return state === 'asleep' || waking !== undefined ? 'ready' : state;
    },
    get capabilities() {
      return isJsonObject(welcome['capabilities']) ? welcome['capabilities'] : {};
    },
    get welcome() {
      return welcome;
    },
    get heard() {
      return heard;
    },
    restart(reason) {
      if (state === 'ready') lost(reason);
    },
    get inFlight() {
      return pending.size;
    },
    async request(method, params, limits) {
      if (state === 'asleep') await wake();
      else await waking;
      if (state !== 'ready')
        throw new Denial(
          'upstream-failed',
          `Cannot complete the call: the server ${name} is not available`,
          {
            hint: 'it is being re-connected; try again in a moment',
          },
        );
      // A list is part of the recovery; what depends on definitions waits until they have been listed anew.
      const next = limits.beforeRetry ? recovered.promise : shaken.promise;
      watchIdle();
      return await sendAgain(limits, {
        send: async (left) => await pending.request(method, params, left),
        asked: () => inbox.asked,
        next,
      }).finally(watchIdle);
    },
    notify(method, params) {
      send({ jsonrpc: '2.0', method, ...(Object.keys(params).length > 0 ? { params } : {}) }).catch(
        () => undefined,
      );
    },
    respond(frame) {
      send(frame).catch(() => undefined);
    },
    relatedTo: (id) => pending.relatedTo(id),
    close,
  };
}

/** What a refusal hides from the model, its cause, is what the owner needs; and what to do, where nobody has called anything. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown';
  const { message, cause } = thrown;
  const isNew = cause instanceof Error && !message.includes(cause.message);
  const why = isNew ? `${message}: ${cause.message}` : message;
  return thrown instanceof Denial && thrown.hint !== undefined ? `${why} (${thrown.hint})` : why;
}

function checkVersion(answer: JsonObject): void {
  const version = answer['protocolVersion'];
  if (!LEGACY_VERSIONS.some((known) => known === version))
    throw new Error(
      `it speaks protocol version ${JSON.stringify(version)?.slice(0, 40)}, which is not supported`,
    );
}
