import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { withResolvers } from '../../lib/resolvers.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { META } from '../modern/meta.ts';

export type ListeningOptions = {
  readonly capabilities: JsonObject;
  /** Sends `subscriptions/listen`; `ended` settles when the stream is over. */
  listen(notifications: JsonObject): { readonly id: RequestId; readonly ended: Promise<Frame> };
  cancel(id: RequestId): void;
  /** Hands a notification to the owner. */
  readonly tell: (method: string, params: JsonObject) => void;
  /** Milliseconds, as `performance.now`. */
  readonly now: () => number;
  /** A change came outside of the stream, or on one that was given up. */
  readonly onStray: () => void;
};

/** The one stream on which a modern server tells what changed (patterns, subscriptions). */
export interface Listening {
  /** Opens it, where the server has anything to tell. */
  start(): void;
  /** Resolves with why it cannot be followed, `undefined`: it is. */
  follow(uri: string): Promise<string | undefined>;
  unfollow(uri: string): Promise<undefined>;
  /** Takes a notification that is the stream's own business; `false`: it is the owner's. */
  take(method: unknown, params: JsonObject): boolean;
  close(): void;
}

/** The lists a server may say it tells about, and how. */
const LISTS = [
  ['tools', 'toolsListChanged', 'notifications/tools/list_changed'],
  ['prompts', 'promptsListChanged', 'notifications/prompts/list_changed'],
  ['resources', 'resourcesListChanged', 'notifications/resources/list_changed'],
] as const;
const STREAMED: ReadonlySet<unknown> = new Set([
  ...LISTS.map(([, , method]) => method),
  'notifications/resources/updated',
]);

const ACKNOWLEDGE_MS = 10_000;
const BACKOFF = { firstMs: 1000, mostMs: 60_000 };
/** A stream that lived this long was a good one. */
const STEADY_MS = 30_000;

type Stream = {
  readonly id: RequestId;
  readonly openedAt: number;
  /** `undefined`: that cannot come any more. */
  readonly acknowledge: (honoured: JsonObject | undefined) => void;
  /** The server follows nothing of what was asked: there is nothing to come back for. */
  idle: boolean;
};

/**
 * Follows lists and resources on one stream. To follow another resource a new stream takes over before the old one is
 * cancelled, so that nothing is missed between; what the old one still says then is thrown away.
 */
export function createListening(options: ListeningOptions): Listening {
  const lists = LISTS.filter(([name]) => {
    const offered = options.capabilities[name];
    return isJsonObject(offered) && offered['listChanged'] === true;
  });
  const uris = new Set<string>();
  const streams = new Map<RequestId, Stream>();
  let current: Stream | undefined;
  let failures = 0;
  /** The server said that it does not do this: it is not asked again before something else is wanted. */
  let refused = false;
  let retry: NodeJS.Timeout | undefined;
  /** Between two streams something may have changed that was told to nobody. */
  let missed = false;
  /** What the stream follows is not what is wanted. */
  let outdated = false;
  let closed = false;
  /** One change after the other. */
  let turn: Promise<unknown> = Promise.resolve();

  async function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const own = turn.then(act);
    turn = own.catch(() => undefined);
    return await own;
  }

  /** Replaces the stream by one for what is wanted now. Returns what the server agreed to; throws when it did not. */
  async function renew(): Promise<ReadonlySet<string>> {
    clearTimeout(retry);
    const old = current;
    if (closed || (lists.length === 0 && uris.size === 0)) {
      current = undefined;
      missed = false;
      drop(old);
      return new Set();
    }
    const { stream, honoured } = await open();
    outdated = false;
    current = streams.has(stream.id) ? stream : undefined;
    drop(old);
    if (!current && !stream.idle) lose(stream);
    if (!current || !missed) return honoured;
    // Whoever asked for this stream came before the timer that waits for the end of the old one.
    clearTimeout(retry);
    missed = false;
    for (const [, , method] of lists) options.tell(method, {});
    for (const uri of uris) options.tell('notifications/resources/updated', { uri });
    return honoured;
  }

  async function open(): Promise<{ stream: Stream; honoured: ReadonlySet<string> }> {
    const wanted = new Set(uris);
    const acknowledged = withResolvers<JsonObject | undefined>();
    const { id, ended } = options.listen({
      ...Object.fromEntries(lists.map(([, filter]) => [filter, true])),
      ...(wanted.size === 0 ? {} : { resourceSubscriptions: [...wanted] }),
    });
    const { resolve: acknowledge } = acknowledged;
    const stream: Stream = { id, openedAt: options.now(), acknowledge, idle: false };
    streams.set(id, stream);
    refused = false;
    void settle(ended).then((isRefused) => {
      refused = isRefused;
      return over(stream);
    });
    const late = setTimeout(acknowledged.resolve, ACKNOWLEDGE_MS, undefined);
    const filter = await acknowledged.promise;
    clearTimeout(late);
    if (filter === undefined) {
      drop(stream);
      throw new Error('the server does not say that it follows');
    }
    const { resourceSubscriptions: agreed } = filter;
    const honoured = new Set<string>();
    if (Array.isArray(agreed))
      for (const uri of wanted) if (agreed.includes(uri)) honoured.add(uri);
    stream.idle = honoured.size === 0 && lists.every(([, name]) => filter[name] !== true);
    return { stream, honoured };
  }

  function drop(stream: Stream | undefined): void {
    if (stream && streams.delete(stream.id)) options.cancel(stream.id);
  }

  /** The server ended it. */
  function over(stream: Stream): void {
    stream.acknowledge(undefined);
    if (!streams.delete(stream.id) || current !== stream) return;
    current = undefined;
    if (!stream.idle) lose(stream);
  }

  function lose({ openedAt }: Stream): void {
    missed = true;
    if (options.now() - openedAt > STEADY_MS) failures = 0;
    later();
  }

  function later(): void {
    if (closed || refused) return;
    clearTimeout(retry);
    const pauseMs = Math.min(BACKOFF.firstMs * 2 ** failures++, BACKOFF.mostMs);
    retry = setTimeout(() => void inTurn(begin), pauseMs);
    retry.unref();
  }

  async function begin(): Promise<void> {
    // Another stream may have taken over while this waited for its turn.
    if (current && !outdated) return;
    try {
      await renew();
    } catch {
      missed = true;
      later();
    }
  }

  return {
    start() {
      if (lists.length > 0) void inTurn(begin);
    },
    async follow(uri) {
      return await inTurn(async () => {
        if (uris.has(uri)) return undefined;
        uris.add(uri);
        try {
          if ((await renew()).has(uri)) return undefined;
          uris.delete(uri);
          return 'the server does not follow it';
        } catch (thrown) {
          uris.delete(uri);
          return thrown instanceof Error ? thrown.message : 'unknown';
        }
      });
    },
    async unfollow(uri) {
      return await inTurn(async () => {
        if (!uris.delete(uri)) return undefined;
        outdated = true;
        await begin();
        return undefined;
      });
    },
    take(method, params) {
      const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
      const id = meta[META.subscription];
      const stream = typeof id === 'string' || typeof id === 'number' ? streams.get(id) : undefined;
      if (method === 'notifications/subscriptions/acknowledged') {
        const { notifications } = params;
        if (isJsonObject(notifications)) stream?.acknowledge(notifications);
        return true;
      }
      if (method === 'notifications/cancelled') {
        // On stdio a server ends a stream like this; there is nothing else it could cancel.
        const { requestId } = params;
        const ended = typeof requestId === 'string' ? streams.get(requestId) : undefined;
        if (ended) over(ended);
        return true;
      }
      // A stream that was given up, or none: whoever did not ask for it is not told.
      const stray = STREAMED.has(method) && stream === undefined;
      if (stray) options.onStray();
      return stray;
    },
    close() {
      closed = true;
      clearTimeout(retry);
      streams.clear();
    },
  };
}

/** Whether a stream was refused: it may as well have ended, or been lost. */
async function settle(ended: Promise<Frame>): Promise<boolean> {
  try {
    return !isJsonObject((await ended)['result']);
  } catch {
    return false;
  }
}
