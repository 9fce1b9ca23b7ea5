import { DEFINITION_KINDS, type Kind } from '../catalogue/definition.ts';
import { introductionOf } from '../catalogue/introduction.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { jsonSize } from '../lib/json-size.ts';
import { UpstreamError } from './upstream-error.ts';
import type { Upstream } from './upstream.ts';

export type SurfaceOptions = {
  readonly upstreams: readonly Upstream[];
  /** Takes each fresh list of one upstream, whole. */
  readonly onList: (server: string, kind: Kind, definitions: readonly JsonObject[]) => void;
  /** Awaited with each list before `onList` gets it. */
  readonly readAhead?: (definitions: readonly JsonObject[]) => Promise<void>;
  readonly onProblem: (server: string, kind: Kind, problem: string) => void;
  readonly listMs: number;
  /** How long a list counts as fresh, milliseconds. */
  readonly freshMs: number;
  readonly now: () => number;
};

const METHOD_NOT_FOUND = -32601;
const MAX_PAGES = 1000;
const MAX_DEFINITIONS = 10_000;
/** Of one list, all pages together. */
const MAX_BYTES = 8 * 1024 * 1024;

export interface Surfaces {
  /** Lists one kind of one upstream from now on; `false` when it cannot be listed. Never throws. */
  readonly refresh: (server: string, kind: Kind) => Promise<boolean>;
  /** Whether this was listed well a moment ago, and is not said to have changed since. */
  readonly isFresh: (server: string, kind: Kind) => boolean;
  /** Lists unless that is fresh: a definition may change between list and call. */
  readonly recheck: (server: string, kind: Kind) => Promise<boolean>;
  /** It is said to have changed: the next `recheck` waits for a list that is asked for from now on. */
  readonly outdate: (server: string, kind: Kind) => void;
  /** Whether the last listing went well: what cannot be listed cannot be vouched for. */
  readonly isVouched: (server: string, kind: Kind) => boolean;
  /** The lists were shown to the model: the next `recheck` lists again whatever the time. */
  readonly shown: (kind: Kind) => void;
}

/** Keeps what the upstreams list up to date. */
export function createSurfaces(options: SurfaceOptions): Surfaces {
  const upstreams = new Map(options.upstreams.map((upstream) => [upstream.name, upstream]));
  const running = new Map<string, Promise<boolean>>();
  const queued = new Map<string, Promise<boolean>>();
  const checked = new Map<string, number>();
  const outdated = new Set<string>();
  const failed = new Set<string>();

  async function list(upstream: Upstream, kind: Kind): Promise<void> {
    const { list: method, section: member, capability } = DEFINITION_KINDS[kind];
    if (upstream.state !== 'ready') return;
    if (kind === 'introduction') {
      const introduction = introductionOf(upstream.welcome);
      await options.readAhead?.(introduction);
      options.onList(upstream.name, kind, introduction);
      return;
    }
    if (upstream.capabilities[capability] === undefined) {
      options.onList(upstream.name, kind, []);
      return;
    }
    const definitions: JsonObject[] = [];
    let room = MAX_BYTES;
    const deadline = AbortSignal.timeout(options.listMs);
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const result = await upstream.request(method, cursor === undefined ? {} : { cursor }, {
        signal: deadline,
        timeoutMs: options.listMs,
        maxTotalMs: options.listMs,
      });
      room -= jsonSize(result, room).bytes;
      if (room < 0) throw new Error(`more than ${MAX_BYTES} bytes of definitions`);
      const items = result[member];
      if (!Array.isArray(items)) throw new Error(`the answer to ${method} has no ${member}`);
      definitions.push(...items.filter((item): item is JsonObject => isJsonObject(item)));
      if (definitions.length > MAX_DEFINITIONS)
        throw new Error(`more than ${MAX_DEFINITIONS} definitions`);
      cursor = typeof result['nextCursor'] === 'string' ? result['nextCursor'] : undefined;
      if (cursor === undefined) {
        await options.readAhead?.(definitions);
        options.onList(upstream.name, kind, definitions);
        return;
      }
    }
    throw new Error(`more than ${MAX_PAGES} pages`);
  }

  async function attempt(upstream: Upstream, kind: Kind): Promise<boolean> {
    const key = keyOf(upstream.name, kind);
    const { heard } = upstream;
    try {
      await list(upstream, kind);
      checked.set(key, options.now());
      failed.delete(key);
      return upstream.state === 'ready';
    } catch (thrown) {
      checked.delete(key);
      // While it is down its calls fail as such; the lists are made anew when it is back.
      if (upstream.state !== 'ready') return false;
      if (thrown instanceof UpstreamError && thrown.code === METHOD_NOT_FOUND) {
        options.onList(upstream.name, kind, []);
        return true;
      }
      failed.add(key);
      options.onProblem(upstream.name, kind, thrown instanceof Error ? thrown.message : 'unknown');
      // One that is busy with something else may be slow. One that nobody asks anything else and that says nothing at
      // all has stopped, and nothing but a new process will move it.
      if (upstream.heard === heard && upstream.inFlight === 0)
        upstream.restart('it has stopped answering');
      return false;
    }
  }

  async function start(upstream: Upstream, kind: Kind): Promise<boolean> {
    const key = keyOf(upstream.name, kind);
    outdated.delete(key);
    const own = attempt(upstream, kind).finally(() => running.delete(key));
    running.set(key, own);
    return await own;
  }

  async function refresh(server: string, kind: Kind): Promise<boolean> {
    const upstream = upstreams.get(server);
    if (!upstream) return false;
    const key = keyOf(server, kind);
    const now = running.get(key);
    if (!now) return await start(upstream, kind);
    // The listing under way may have been answered before the change that this one is for.
    let next = queued.get(key);
    if (!next) {
      next = now.then(async () => {
        queued.delete(key);
        return await start(upstream, kind);
      });
      queued.set(key, next);
    }
    return await next;
  }

  function isFresh(server: string, kind: Kind): boolean {
    const key = keyOf(server, kind);
    const at = checked.get(key);
    if (at === undefined || options.now() - at > options.freshMs) return false;
    return ![outdated, queued, running].some((changing) => changing.has(key));
  }

  return {
    refresh,
    isFresh,
    async recheck(server, kind) {
      if (isFresh(server, kind)) return true;
      const key = keyOf(server, kind);
      const underWay = outdated.has(key) ? undefined : (queued.get(key) ?? running.get(key));
      return await (underWay ?? refresh(server, kind));
    },
    outdate: (server, kind) => void outdated.add(keyOf(server, kind)),
    isVouched: (server, kind) => !failed.has(keyOf(server, kind)),
    shown(kind) {
      for (const server of upstreams.keys()) checked.delete(keyOf(server, kind));
    },
  };
}

function keyOf(server: string, kind: Kind): string {
  return `${kind} ${server}`;
}
