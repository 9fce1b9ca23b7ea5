import { randomBytes } from 'node:crypto';
import type { Caller } from '../../call.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { About } from '../about.ts';
import type { AgentPort, AgentSession, Agree, Aside } from '../agent.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { atLeast, isLogLevel, type LogLevel } from '../log-levels.ts';
import { LEGACY_VERSIONS } from '../methods.ts';
import { knowsTasks, type RequestMeta } from '../modern/meta.ts';
import { progressToken } from '../progress-token.ts';
import { errorFrame } from '../reply.ts';
import type { Exchange, ModernRequest } from './exchange.ts';
import type { Filter } from './filter.ts';
import { createHeldTasks } from './held-tasks.ts';
import { legacyParams } from './legacy-params.ts';
import { createListeners } from './listeners.ts';
import { createModernCall, type ModernCall, type Turn } from './modern-call.ts';
import type { Parking } from './parking.ts';
import { ModernRefusal } from './refusal.ts';
import { digestOf } from './request-state.ts';

/** Opens a connection to the router, which answers on `port`. */
export type OpenInner = (options: {
  readonly caller: Caller;
  readonly port: AgentPort;
  /** How the ids of all requests begin that come from here; nobody can know it. */
  readonly prefix: string;
}) => AgentSession;

export type InnerOptions = {
  readonly caller: Caller;
  /** What calls of this connection are bound to. */
  readonly owner: string;
  /** Whose parked calls are counted together. */
  readonly person: string;
  /** What the router hears of the client, the same for all requests served here. */
  readonly capabilities: JsonObject;
  readonly open: OpenInner;
  /** Nothing is opened before it resolves. */
  readonly room: Promise<void> | undefined;
  readonly about: About;
  readonly parking: Parking;
  readonly limits: InnerLimits;
  /** The router did not shake hands: this is the way to nobody. */
  readonly onBroken: () => void;
  readonly onFailed: (thrown: unknown) => void;
};

export type InnerLimits = {
  /** Requests of one connection at the same time, parked ones included. */
  readonly maxInFlight: number;
  readonly graceMs: number;
  readonly maxKeptBytes: number;
};

/** To the router a legacy client that shook hands; to modern requests of one caller the way to it. */
export interface Inner {
  /** Returns what takes the request back. Throws `ModernRefusal`. */
  call(request: ModernRequest, responses: Map<string, JsonObject>, exchange: Exchange): () => void;
  listen(filter: Filter, exchange: Exchange): () => void;
  /** Whether a task of this id is one of this connection. */
  readonly holds: (taskId: JsonObject[string]) => boolean;
  /** Answers a request about such a task. Throws `ModernRefusal`. */
  task(request: ModernRequest, exchange: Exchange): () => void;
  /** Something of it is in work, waits for its retry or listens. */
  readonly busy: boolean;
  /** Results of tasks wait here. */
  readonly keeps: boolean;
  close(): Promise<void>;
}

const GONE = 'Cannot complete the call: the gateway is closing the connection';

const BROKEN = 'Cannot complete the request: internal error';

export function createInner(options: InnerOptions): Inner {
  const { about, limits, parking } = options;
  const { serverInfo } = about;
  const calls = new Map<RequestId, ModernCall>();
  /** Requests of this connection's own. */
  const own = new Map<RequestId, (answer: Frame) => void>();
  // On stdio a client of the other era may have used the same connection before, with any ids.
  const prefix = `${randomBytes(9).toString('base64url')}.`;
  let lastId = 0;
  let level: LogLevel | undefined;
  let closed = false;
  let agent: AgentSession | undefined;
  const listeners = createListeners({
    serverInfo,
    subscribe: async (uri) => isDone(await ask('resources/subscribe', { uri })),
    unsubscribe: async (uri) => await ask('resources/unsubscribe', { uri }),
  });
  const held = createHeldTasks({
    serverInfo,
    capabilities: options.capabilities,
    ask: async (method, params, caller) => await ask(method, params, { extension: { caller } }),
    respond,
    onFailed: options.onFailed,
  });
  /** What waits for the handshake; `undefined` after it. */
  let early: { readonly frame: Frame; readonly aside: Aside }[] | undefined = [];
  void begin();

  async function begin(): Promise<void> {
    const isOpen = await shakeHands().catch((thrown: unknown) => {
      options.onFailed(thrown);
      return false;
    });
    const waiting = early ?? [];
    early = undefined;
    if (isOpen) hand({ jsonrpc: '2.0', method: 'notifications/initialized' }, {});
    for (const { frame, aside } of waiting)
      if (isOpen) tell(frame, aside);
      else settle(frame['id'], errorFrame(null, -32603, GONE));
    if (!isOpen) options.onBroken();
  }

  async function shakeHands(): Promise<boolean> {
    if (options.room !== undefined) await options.room;
    if (closed) return false;
    agent = options.open({ caller: options.caller, port: { send }, prefix });
    const id = nextId();
    const answered = new Promise<Frame>((resolve) => own.set(id, resolve));
    const params = {
      protocolVersion: LEGACY_VERSIONS[0],
      capabilities: options.capabilities,
      clientInfo: { name: 'modern', version: '0' },
    };
    agent.receive({ jsonrpc: '2.0', id, method: 'initialize', params });
    return isDone(await answered);
  }

  function nextId(): RequestId {
    return `${prefix}${++lastId}`;
  }

  function tell(frame: Frame, aside: Aside = {}): void {
    if (early !== undefined) early.push({ frame, aside });
    else if (!closed) hand(frame, aside);
  }

  /** Nobody waits for some of these: what the router threw would end the process. */
  function hand(frame: Frame, aside: Aside): void {
    try {
      agent?.receive(frame, aside);
    } catch (thrown) {
      options.onFailed(thrown);
      if (frame['method'] !== undefined) settle(frame['id'], errorFrame(null, -32603, BROKEN));
    }
  }

  async function ask(method: string, params: JsonObject, aside?: Aside): Promise<Frame> {
    if (closed) return errorFrame(null, -32603, GONE);
    const id = nextId();
    return await new Promise((resolve) => {
      own.set(id, resolve);
      tell({ jsonrpc: '2.0', id, method, params }, aside);
    });
  }

  function send(frame: Frame, related?: RequestId): void {
    const { id, method } = frame;
    const params = isJsonObject(frame['params']) ? frame['params'] : {};
    if (method === undefined) {
      settle(id, frame);
      return;
    }
    const call = related === undefined ? undefined : calls.get(related);
    if (typeof method !== 'string') return;
    if (typeof id === 'string' || typeof id === 'number') {
      if (call) call.ask({ id, method, params });
      else
        respond(errorFrame(id, -32601, 'Cannot ask the client: nothing of it is in work for this'));
    } else if (method === 'notifications/cancelled') {
      const asked = params['requestId'];
      if (typeof asked === 'string' || typeof asked === 'number')
        [...calls.values()].some((one) => one.withdraw(asked));
    } else if (method === 'notifications/progress' || method === 'notifications/message')
      call?.notify(frame);
    else if (method === 'notifications/tasks/status') held.hear(params);
    else listeners.tell(frame);
  }

  function settle(id: Frame[string], frame: Frame): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const call = calls.get(id);
    const asked = own.get(id);
    calls.delete(id);
    own.delete(id);
    call?.settle(frame);
    asked?.(frame);
  }

  /** Not before the router has come back from where it asked. */
  function respond(frame: Frame): void {
    queueMicrotask(() => tell(frame));
  }

  /** Legacy servers have one level for a connection; the requests' own are kept apart here. */
  function raiseLevel({ logLevel }: RequestMeta): void {
    if (!isLogLevel(logLevel) || (level !== undefined && atLeast(logLevel, level))) return;
    level = logLevel;
    void ask('logging/setLevel', { level });
  }

  function requireRoom(): void {
    if (calls.size + own.size >= limits.maxInFlight)
      throw new ModernRefusal(
        'requests-exhausted',
        `Cannot accept the request: ${limits.maxInFlight} are in work`,
      );
  }

  function start({ caller, method, params, agree }: ModernRequest, turn: Turn): () => void {
    requireRoom();
    raiseLevel(turn.meta);
    const id = nextId();
    let task: JsonObject | undefined;
    const onTask = (begun: JsonObject): void => {
      task = begun;
      held.add(begun);
    };
    const takesTasks = method === 'tools/call' && knowsTasks(turn.meta.capabilities);
    let used: JsonObject | undefined;
    const look: Agree = (definition) => {
      used = definition;
      agree?.(definition);
    };
    const binding = { owner: options.owner, method, digest: digestOf(params) };
    const call = createModernCall(
      {
        method,
        serverInfo,
        uri: method === 'resources/read' ? params['uri'] : undefined,
        definition: () => used,
        graceMs: limits.graceMs,
        maxKeptBytes: limits.maxKeptBytes,
        respond,
        abandon() {
          calls.delete(id);
          const cancelled = { requestId: id, reason: 'the client closed the request' };
          tell({
            jsonrpc: '2.0',
            method: 'notifications/cancelled',
            params: cancelled,
          });
        },
        park: (parked) => parking.park(parked, binding, options.person),
        keep: (bytes) => parking.keep(bytes),
        task: () => task,
        forsake({ taskId }) {
          void ask('tasks/cancel', { taskId }, { extension: { caller } });
        },
      },
      turn,
    );
    calls.set(id, call);
    tell(
      { jsonrpc: '2.0', id, method, params: legacyParams(params) },
      { agree: look, ...(takesTasks ? { extension: { caller, onTask } } : {}) },
    );
    return () => call.cancel();
  }

  return {
    call(request, responses, exchange) {
      const { params, meta } = request;
      return start(request, { exchange, meta, progressToken: progressToken(params), responses });
    },
    listen: (filter, exchange) => listeners.open(exchange, filter),
    holds: held.has,
    task(request, exchange) {
      requireRoom();
      return held.answer(request, exchange);
    },
    get busy() {
      return calls.size > 0 || listeners.size > 0 || held.running;
    },
    get keeps() {
      return held.size > 0;
    },
    async close() {
      if (closed) return;
      closed = true;
      listeners.end();
      for (const call of calls.values()) {
        parking.forget(call);
        call.settle(errorFrame(null, -32603, GONE));
        call.cancel();
      }
      calls.clear();
      held.close();
      for (const resolve of own.values()) resolve(errorFrame(null, -32603, GONE));
      await options.room;
      await agent?.close();
    },
  };
}

function isDone({ error }: Frame): boolean {
  return error === undefined;
}
