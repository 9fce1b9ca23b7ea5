import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import { META } from '../modern/meta.ts';
import type { Exchange } from './exchange.ts';
import { ModernRefusal } from './refusal.ts';

export type ListenersOptions = {
  readonly serverInfo: JsonObject;
  /** Follows a resource, decided like a read. Resolves to whether that is so. */
  readonly subscribe: (uri: string) => Promise<boolean>;
  readonly unsubscribe: (uri: string) => Promise<unknown>;
};

/** The `subscriptions/listen` of one connection (MCP 2026-07-28, subscriptions). */
export interface Listeners {
  /** Throws `ModernRefusal` for a filter that is none. Returns what ends it without an answer. */
  open(exchange: Exchange, params: JsonObject): () => void;
  /** A notification of the router's that no request caused. */
  tell(frame: Frame): void;
  /** Ends all of them as the specification wants it: with a result. */
  end(): void;
  readonly size: number;
}

const LISTS = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
} as const;
const MAX_LISTENERS = 32;
const MAX_URIS = 256;

type Filter = { readonly lists: ReadonlyMap<string, string>; readonly uris: readonly string[] };
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
    open(exchange, params) {
      const filter = readFilter(params);
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
        else if (listener.held.length < MAX_URIS) listener.held.push(frame);
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

function readFilter({ notifications }: JsonObject): Filter {
  if (!isJsonObject(notifications)) throw malformed('it has no notifications');
  const lists = new Map<string, string>();
  for (const [member, method] of Object.entries(LISTS)) {
    const wanted = notifications[member];
    if (wanted !== undefined && typeof wanted !== 'boolean')
      throw malformed(`${member} is not a boolean`);
    if (wanted === true) lists.set(member, method);
  }
  const { resourceSubscriptions: wanted = [] } = notifications;
  if (!Array.isArray(wanted) || wanted.length > MAX_URIS)
    throw malformed(`resourceSubscriptions is not a list of at most ${MAX_URIS} URIs`);
  const uris = wanted.filter((uri: unknown): uri is string => typeof uri === 'string');
  if (uris.length < wanted.length) throw malformed('resourceSubscriptions has what is no URI');
  return { lists, uris: [...new Set(uris)] };
}

function malformed(why: string): ModernRefusal {
  return new ModernRefusal('params-malformed', `Cannot listen: ${why}`);
}
