import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import { META } from '../modern/meta.ts';
import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import { ModernRefusal } from './refusal.ts';

export type ListenersOptions = {
  readonly serverInfo: JsonObject;
  /** Follows a resource, decided like a read. Resolves to whether that is so. */
  readonly subscribe: (uri: string) => Promise<boolean>;
  readonly unsubscribe: (uri: string) => Promise<unknown>;
};

/** The `subscriptions/listen` of one connection (MCP 2026-07-28, subscriptions). */
export interface Listeners {
  /** Throws `ModernRefusal` where too many are open. Returns what ends it without an answer. */
  open(exchange: Exchange, filter: Filter): () => void;
  /** A notification of the router's that no request caused. */
  tell(frame: Frame): void;
  /** Ends all of them as the specification wants it: with a result. */
  end(): void;
  readonly size: number;
}

const MAX_LISTENERS = 32;
/** Notifications that wait for the acknowledgement. */
const MAX_HELD = 256;

type Listener = {
  readonly exchange: Exchange;
  readonly methods: ReadonlySet<string>;
  readonly uris: Set<string>;
  /** What came before the acknowledgement, which must be first; `undefined` after it. */
  held: Frame[] | undefined;
  over: boolean;
};

export function createListeners(options: ListenersOptions): Listeners {
  const listeners = new Set<Listener>();
  const followed = new Map<string, { count: number; readonly done: Promise<boolean> }>();
  const leaving = new Map<string, Promise<unknown>>();

  async function subscribe(uri: string): Promise<boolean> {
    // The end of an unsubscribe that is still on its way would take the new subscription with it.
    await leaving.get(uri);
    return await options.subscribe(uri);
  }

  async function follow(uri: string): Promise<boolean> {
    const known = followed.get(uri) ?? { count: 0, done: subscribe(uri) };
    followed.set(uri, known);
    known.count++;
    const done = await known.done;
    if (!done && followed.get(uri) === known) followed.delete(uri);
    return done;
  }

  function leave(uri: string): void {
    const known = followed.get(uri);
    if (known === undefined || --known.count > 0) return;
    followed.delete(uri);
    const left = options.unsubscribe(uri).finally(() => {
      if (leaving.get(uri) === left) leaving.delete(uri);
    });
    leaving.set(uri, left);
  }

  function drop(listener: Listener): void {
    listener.over = true;
    listeners.delete(listener);
    for (const uri of listener.uris) leave(uri);
    listener.uris.clear();
  }

  function finish(listener: Listener): void {
    const { exchange } = listener;
    drop(listener);
    const _meta = { [META.subscription]: exchange.id, [META.serverInfo]: options.serverInfo };
    exchange.answer({
      jsonrpc: '2.0',
      id: exchange.id,
      result: { resultType: 'complete', _meta },
    });
  }

  function send({ exchange }: Listener, frame: Frame): void {
    const params = isJsonObject(frame['params']) ? frame['params'] : {};
    const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
    exchange.notify({
      ...frame,
      params: { ...params, _meta: { ...meta, [META.subscription]: exchange.id } },
    });
  }

  async function begin(listener: Listener, { lists, uris }: Filter): Promise<void> {
    await Promise.all(
      uris.map(async (uri) => {
        if (!(await follow(uri))) return;
        if (listener.over) leave(uri);
        else listener.uris.add(uri);
      }),
    );
    if (listener.over) return;
    const followedUris = uris.filter((uri) => listener.uris.has(uri));
    const notifications = {
      ...Object.fromEntries([...lists.keys()].map((member) => [member, true])),
      ...(followedUris.length > 0 ? { resourceSubscriptions: followedUris } : {}),
    };
    send(listener, {
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications },
    });
    const { held = [] } = listener;
    listener.held = undefined;
    for (const frame of held) send(listener, frame);
    // Nothing could ever come.
    if (lists.size === 0 && followedUris.length === 0) finish(listener);
  }

  return {
    open(exchange, filter) {
      if (listeners.size >= MAX_LISTENERS)
        throw new ModernRefusal(
          'requests-exhausted',
          `Cannot listen: ${MAX_LISTENERS} subscriptions are open`,
        );
      const listener: Listener = {
        exchange,
        methods: new Set(filter.lists.values()),
        uris: new Set(),
        held: [],
        over: false,
      };
      listeners.add(listener);
      void begin(listener, filter);
      return () => {
        if (!listener.over) drop(listener);
      };
    },
    tell(frame) {
      const { method } = frame;
      if (typeof method !== 'string') return;
      const params = isJsonObject(frame['params']) ? frame['params'] : {};
      for (const listener of listeners) {
        const wanted =
          method === 'notifications/resources/updated'
            ? covers(listener.uris, params['uri'])
            : listener.methods.has(method);
        if (!wanted) continue;
        if (listener.held === undefined) send(listener, frame);
        else if (listener.held.length < MAX_HELD) listener.held.push(frame);
      }
    },
    end() {
      for (const listener of listeners) finish(listener);
    },
    get size() {
      return listeners.size;
    },
  };
}

/** An update may name a part of what was subscribed to (MCP, resources). */
function covers(uris: ReadonlySet<string>, uri: unknown): boolean {
  if (typeof uri !== 'string') return false;
  if (uris.has(uri)) return true;
  return [...uris].some((own) => uri.startsWith(own.endsWith('/') ? own : `${own}/`));
}
