import { randomBytes } from 'node:crypto';
import type { Caller } from '../../call.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { About } from '../about.ts';
import type { AgentPort, AgentSession, Agree } from '../agent.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { atLeast, isLogLevel, type LogLevel } from '../log-levels.ts';
import { LEGACY_VERSIONS } from '../methods.ts';
import { META, type RequestMeta } from '../modern/meta.ts';
import { progressToken } from '../progress-token.ts';
import { errorFrame } from '../reply.ts';
import type { Exchange, ModernRequest } from './exchange.ts';
import type { Filter } from './filter.ts';
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
  /** Something of it is in work, waits for its retry or listens. */
  readonly busy: boolean;
  close(): Promise<void>;
}

const GONE = 'Cannot complete the call: the gateway is closing the connection';

export function createInner(options: InnerOptions): Inner {
  const { about, limits, parking } = options;
  const { serverInfo } = about;
  const calls = new Map<RequestId, ModernCall>();
  /** Requests of this connection's own. */
  const own = new Map<RequestId, (succeeded: boolean) => void>();
  // On stdio a client of the other era may have used the same connection before, with any ids.
  const prefix = `${randomBytes(9).toString('base64url')}.`;
  let lastId = 0;
  let level: LogLevel | undefined;
  let closed = false;
  let agent: AgentSession | undefined;
  const listeners = createListeners({
    serverInfo,
    subscribe: async (uri) => await ask('resources/subscribe', { uri }),
    unsubscribe: async (uri) => await ask('resources/unsubscribe', { uri }),
  });
  /** What waits for the handshake; `undefined` after it. */
  let early: { readonly frame: Frame; readonly agree?: Agree | undefined }[] | undefined = [];
  void begin();

  async function begin(): Promise<void> {
    const isOpen = await shakeHands().catch((thrown: unknown) => {
      options.onFailed(thrown);
      return false;
    });
    const waiting = early ?? [];
    early = undefined;
    if (isOpen) agent?.receive({ jsonrpc: '2.0', method: 'notifications/initialized' });
    for (const { frame, agree } of waiting)
      if (isOpen) tell(frame, agree);
      else settle(frame['id'], errorFrame(null, -32603, GONE));
    if (!isOpen) options.onBroken();
  }

  async function shakeHands(): Promise<boolean> {
    if (options.room !== undefined) await options.room;
    if (closed) return false;
    agent = options.open({ caller: options.caller, port: { send }, prefix });
    const id = nextId();
    const answered = new Promise<boolean>((resolve) => own.set(id, resolve));
    const params = {
      protocolVersion: LEGACY_VERSIONS[0],
      capabilities: options.capabilities,
      clientInfo: { name: 'modern', version: '0' },
    };
    agent.receive({ jsonrpc: '2.0', id, method: 'initialize', params });
    return await answered;
  }

  function nextId(): RequestId {
    return `${prefix}${++lastId}`;
  }

  function tell(frame: Frame, agree?: Agree): void {
    if (early !== undefined) early.push({ frame, agree });
    else if (!closed) agent?.receive(frame, agree);
  }

  async function ask(method: string, params: JsonObject): Promise<boolean> {
    if (closed) return false;
    const id = nextId();
    return await new Promise((resolve) => {
      own.set(id, resolve);
      tell({ jsonrpc: '2.0', id, method, params });
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
    else listeners.tell(frame);
  }

  function settle(id: Frame[string], frame: Frame): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const call = calls.get(id);
    const asked = own.get(id);
    calls.delete(id);
    own.delete(id);
    call?.settle(frame);
    asked?.(frame['error'] === undefined);
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

  function start({ method, params, agree }: ModernRequest, turn: Turn): () => void {
    if (calls.size >= limits.maxInFlight)
      throw new ModernRefusal(
        'requests-exhausted',
        `Cannot accept the request: ${limits.maxInFlight} are in work`,
      );
    raiseLevel(turn.meta);
    const id = nextId();
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
      },
      turn,
    );
    calls.set(id, call);
    tell({ jsonrpc: '2.0', id, method, params: legacyParams(params) }, look);
    return () => call.cancel();
  }

  return {
    call(request, responses, exchange) {
      const { params, meta } = request;
      return start(request, { exchange, meta, progressToken: progressToken(params), responses });
    },
    listen: (filter, exchange) => listeners.open(exchange, filter),
    get busy() {
      return calls.size > 0 || listeners.size > 0;
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
      for (const resolve of own.values()) resolve(false);
      await options.room;
      await agent?.close();
    },
  };
}

/** Parameters as the one vocabulary inside has them: without what only this era says. */
function legacyParams(params: JsonObject): JsonObject {
  const {
    _meta: meta,
    inputResponses: _responses,
    requestState: _state,
    // In this era the server decides what is a task; in the other it would be begun, and fetched by nobody.
    task: _task,
    ...rest
  } = params;
  if (!isJsonObject(meta)) return rest;
  const {
    [META.version]: _version,
    [META.capabilities]: _capabilities,
    [META.clientInfo]: _info,
    [META.logLevel]: _level,
    ...kept
  } = meta;
  return Object.keys(kept).length > 0 ? { ...rest, _meta: kept } : rest;
}
