import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../lib/json.ts';
import type { AgentPort } from './agent.ts';
import type { Classified, RequestId } from './frames.ts';
import { createFlood } from './flood.ts';
import { SERVER_NOTIFICATIONS, treatment } from './methods.ts';
import type { Refused } from './refused.ts';
import type { Kind } from '../catalogue/definition.ts';
import { withRelatedTask } from './tasks/related-task.ts';
import type { Upstream } from './upstream.ts';

type Notification = Extract<Classified, { kind: 'notification' }>;

export type RelayOptions = {
  readonly port: AgentPort;
  /** What is known of these is not believed any more. */
  readonly outdate: (server: string, kinds: readonly Kind[]) => void;
  /** Lists again after the server said that something changed; tells the client afterwards. */
  readonly relist: (server: string, kinds: readonly Kind[]) => Promise<void>;
  /** Whether the detector lets this text through to the client. */
  readonly harmless: (params: JsonObject, server: string) => boolean;
  readonly isSubscribed: (server: string) => boolean;
  /** Whether the client could read this resource now. */
  readonly mayRead: (server: string, uri: string) => boolean;
  readonly exposeUri: (server: string, uri: string) => string;
  /** The client's request or task that a message belongs to; `cause` is ours on whose stream it came. */
  readonly related: (
    upstream: Upstream,
    cause: RequestId | undefined,
    params: JsonObject,
  ) => string | number | undefined;
  readonly cancelAsk: (upstream: Upstream, requestId: unknown) => void;
  /** A server tells of a task. `false`: none of this connection has that id. */
  readonly onTaskState: (server: string, params: JsonObject) => boolean;
  readonly onRefused: Refused;
};

const BREATH_MS = 250;
/** Without a breath: a server that changes a few things one by one is no flood. */
const RELISTS_PER_SECOND = 8;

const RELISTED: Readonly<Record<string, readonly Kind[]>> = {
  'notifications/tools/list_changed': ['tool'],
  'notifications/resources/list_changed': ['resource', 'resourceTemplate'],
  'notifications/prompts/list_changed': ['prompt'],
};

/** What a server tells without being asked: read, renamed and passed on to the one client it works for. */
export function createRelay(
  options: RelayOptions,
): (upstream: Upstream, notification: Notification, cause?: RequestId) => void {
  const { port } = options;
  /** Lists that will be made again in a moment. */
  const due = new Set<string>();
  const relists = createFlood(RELISTS_PER_SECOND);

  return function relay(upstream, { method, params }, cause) {
    const row = treatment(SERVER_NOTIFICATIONS, method);
    if (row === 'cancel') options.cancelAsk(upstream, params['requestId']);
    else if (row === 'relist') void relist(upstream.name, method);
    else if (row === 'updated') updated(upstream.name, method, params);
    else if (row === 'task') {
      if (!options.onTaskState(upstream.name, params))
        options.onRefused(`${upstream.name} told of a task nobody waits for`, { method });
    } else if (row === 'scan' || row === 'relay') pass(upstream, method, params, cause);
    else
      options.onRefused(`${upstream.name} sent a notification that is not in the table`, {
        method,
      });
  };

  /** At once; in a flood once for all that comes within a breath. */
  async function relist(server: string, method: string): Promise<void> {
    const key = `${method} ${server}`;
    const kinds = RELISTED[method] ?? [];
    // A call that comes before the next list is made must not be checked against the last one.
    options.outdate(server, kinds);
    if (relists.admit() !== 'yes') {
      if (due.has(key)) return;
      due.add(key);
      await sleep(BREATH_MS, undefined, { ref: false });
      due.delete(key);
    }
    await options.relist(server, kinds);
  }

  function pass(
    upstream: Upstream,
    method: string,
    params: JsonObject,
    cause: RequestId | undefined,
  ): void {
    if (options.harmless(params, upstream.name))
      port.send(
        { jsonrpc: '2.0', method, params: withRelatedTask(params, undefined) },
        options.related(upstream, cause, params),
      );
    else
      options.onRefused(`${upstream.name} sent a message that looks like an injection`, { method });
  }

  function updated(server: string, method: string, params: JsonObject): void {
    const { uri, _meta } = withRelatedTask(params, undefined);
    if (typeof uri !== 'string' || !options.isSubscribed(server)) {
      options.onRefused(`${server} sent an update nobody subscribed to`, { method });
      return;
    }
    // It may name a part of what was subscribed to (MCP, resources), so the URI is the server's to choose: one that is
    // hidden from this client must not be told by an update either.
    if (!options.mayRead(server, uri)) {
      options.onRefused(`${server} sent an update of what the client cannot read`, { method });
      return;
    }
    if (!options.harmless(params, server)) {
      options.onRefused(`${server} sent an update that looks like an injection`, { method });
      return;
    }
    port.send({
      jsonrpc: '2.0',
      method,
      params: {
        uri: options.exposeUri(server, uri),
        ...(_meta === undefined ? {} : { _meta }),
      },
    });
  }
}
