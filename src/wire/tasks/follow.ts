import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Call, JsonObject } from '../../call.ts';
import { Denial } from '../../denial.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { RequestId } from '../frames.ts';
import type { RequestOptions } from '../pending.ts';
import { inTime } from '../startup.ts';
import { UpstreamError } from '../upstream-error.ts';
import type { Upstream } from '../upstream.ts';
import { runsTasks, taskSupport, withRelatedTask } from './related-task.ts';

/** How a client that asked for a task hears of the one at the server. */
export type Followed = {
  /** The client takes this call as a task, to be kept for that many milliseconds. */
  readonly wanted: (call: Call) => number | undefined;
  /** The server has taken the call on. */
  readonly onStarted: (call: Call, created: JsonObject, isWordless: boolean) => void;
  /** A state of it, as the server tells it. */
  readonly onState: (call: Call, task: JsonObject) => void;
};

export type FollowOptions = RequestOptions & {
  /** Nothing that the server says in words before the result may reach the client. */
  readonly isWordless: boolean;
};

export interface Follow {
  /** Asks an upstream; a tool that runs as a task is followed to its end, whatever the client knows of tasks. */
  readonly request: (
    upstream: Upstream,
    call: Call,
    method: string,
    params: JsonObject,
    limits: FollowOptions,
  ) => Promise<JsonObject>;
  /** The call for which a server runs this task. */
  callOf(server: string, taskId: string): Call | undefined;
  /** Whether this server runs any. */
  readonly runsAt: (server: string) => boolean;
  /** Whether a server runs this call as a task. */
  readonly isFollowed: (id: RequestId) => boolean;
  /** Resolves when the servers have taken what was given up until now, or a moment later. */
  readonly settled: () => Promise<void>;
}

type Limits = RequestOptions & {
  /** Whether this is the connection on which the task began. */
  readonly isThere: () => boolean;
};

/** Milliseconds that a server keeps the task of a client that asked for none. */
const TTL_MS = 3_600_000;
const POLL = { least: 250, most: 10_000, usual: 1000 } as const;
/** Milliseconds that a connection that closes leaves the servers to take a cancellation. */
const FAREWELL_MS = 1000;

/**
 * The bridge to servers that run tools as tasks (MCP 2025-11-25; those of the extension speak like it here): one call out,
 * one result back.
 */
export function createFollow({ wanted, onStarted, onState }: Followed): Follow {
  const calls = new Map<string, Call>();
  /** Cancellations on their way. */
  const cancels = new Set<Promise<unknown>>();

  async function follow(
    upstream: Upstream,
    call: Call,
    params: JsonObject,
    { isWordless, ...limits }: FollowOptions,
  ): Promise<JsonObject> {
    const over = new AbortController();
    const ttl = wanted(call) ?? TTL_MS;
    const created = await upstream
      .request('tools/call', { ...params, task: { ttl } }, { ...limits, lasting: over.signal })
      .catch((thrown: unknown) => {
        over.abort();
        throw thrown;
      });
    const task = begunIn(upstream, created);
    const { taskId } = task;
    // It may answer at once after all.
    if (typeof taskId !== 'string') {
      over.abort();
      onStarted(call, {}, isWordless);
      return created;
    }
    const key = keyOf(upstream.name, taskId);
    if (calls.has(key)) {
      over.abort();
      throw new Denial(
        'upstream-failed',
        `Cannot run the task: ${upstream.name} gave its id twice`,
      );
    }
    calls.set(key, call);
    const { welcome } = upstream;
    // After a restart the same id may be that of another task.
    const isThere = (): boolean => upstream.state === 'ready' && upstream.welcome === welcome;
    try {
      onStarted(call, created, isWordless);
      const signal = AbortSignal.any([limits.signal, over.signal]);
      const own = { ...limits, signal, isThere };
      const ends = [
        fetchResult(upstream, taskId, own),
        watch(upstream, call, task, own),
        // A server that says nothing any more keeps nobody for longer than a call may take.
        late(upstream, own, own.maxTotalMs),
      ];
      return withRelatedTask(await Promise.race(ends), undefined);
    } catch (thrown) {
      if (thrown instanceof UpstreamError) throw thrown;
      if (isThere()) cancel(upstream, taskId, limits);
      limits.signal.throwIfAborted();
      throw isThere() ? thrown : gone(upstream, thrown);
    } finally {
      over.abort();
      calls.delete(key);
    }
  }

  /** Tells of each state; rejects when the server no longer knows the task, or is over with it and gives no result. */
  async function watch(
    upstream: Upstream,
    call: Call,
    started: JsonObject,
    limits: Limits,
  ): Promise<never> {
    const params = { taskId: started['taskId'] };
    for (let task = started; ;) {
      await sleep(pollInterval(task), undefined, { signal: limits.signal, ref: false });
      if (!limits.isThere()) throw gone(upstream);
      try {
        task = await upstream.request('tasks/get', params, withoutProgress(limits));
      } catch (thrown) {
        if (mayPass(thrown, limits)) continue;
        throw thrown instanceof UpstreamError ? gone(upstream, thrown) : thrown;
      }
      // Its result must not take longer than an answer may.
      if (isOver(task)) return await late(upstream, limits, limits.timeoutMs);
      onState(call, task);
    }
  }

  /** Best effort: whoever gave up does not wait for it. */
  function cancel(upstream: Upstream, taskId: string, { timeoutMs }: RequestOptions): void {
    const limits = { signal: new AbortController().signal, timeoutMs, maxTotalMs: timeoutMs };
    const taken = upstream
      .request('tasks/cancel', { taskId }, limits)
      .catch(() => undefined)
      .finally(() => cancels.delete(taken));
    cancels.add(taken);
  }

  return {
    async request(upstream, call, method, params, limits) {
      if (method === 'tools/call') {
        const isWanted = wanted(call) !== undefined;
        if (isTask(upstream, call, isWanted)) return await follow(upstream, call, params, limits);
        // The server knows no tasks, or no longer: then it is one of the gate alone.
        if (isWanted) onStarted(call, {}, limits.isWordless);
      }
      const { isWordless: _own, ...own } = limits;
      return await upstream.request(method, params, own);
    },
    callOf: (server, taskId) => calls.get(keyOf(server, taskId)),
    runsAt: (server) => [...calls.values()].some(({ subject }) => subject.server === server),
    isFollowed: (id) => [...calls.values()].some((call) => call.id === id),
    async settled() {
      // Whoever was told to give up just now cancels within this turn.
      await nextTurn();
      await inTime(Promise.all(cancels), FAREWELL_MS);
    },
  };
}

/** A modern server's plain result may have a member of this name too. */
function begunIn({ capabilities }: Upstream, { resultType, task }: JsonObject): JsonObject {
  const says = runsTasks(capabilities) !== 'as-it-likes' || resultType === 'task';
  return says && isJsonObject(task) ? task : {};
}

function isTask({ capabilities }: Upstream, { subject }: Call, isWanted: boolean): boolean {
  const runs = runsTasks(capabilities);
  if (runs !== 'as-tools-say') return runs === 'as-it-likes';
  const support = taskSupport(subject.definition);
  return support === 'required' || (support === 'optional' && isWanted);
}

/** Milliseconds until the next look. */
export function pollInterval({ pollInterval: asked }: JsonObject): number {
  return typeof asked === 'number' && asked > 0
    ? Math.min(Math.max(asked, POLL.least), POLL.most)
    : POLL.usual;
}

function isOver({ status }: JsonObject): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

async function late({ name }: Upstream, { signal }: RequestOptions, ms: number): Promise<never> {
  await sleep(ms, undefined, { signal, ref: false });
  throw new Denial(
    'upstream-timeout',
    `Cannot complete the call: ${name} did not give the result of its task`,
  );
}

/**
 * Blocks until the task is done; servers put what a task asks on the stream of this request. It may end long before the
 * task does, at a proxy for instance, and is sent again then: whether the task still runs is for `watch` to say.
 */
async function fetchResult(
  upstream: Upstream,
  taskId: string,
  limits: Limits,
): Promise<JsonObject> {
  const { signal, maxTotalMs, isThere } = limits;
  while (isThere()) {
    try {
      return await upstream.request(
        'tasks/result',
        { taskId },
        { ...withoutProgress(limits), timeoutMs: maxTotalMs },
      );
    } catch (thrown) {
      if (!mayPass(thrown, limits)) throw thrown;
    }
    await sleep(POLL.usual, undefined, { signal, ref: false });
  }
  throw gone(upstream);
}

/** Whether a request got no answer and the next may: the server is there, and has not said anything that counts. */
function mayPass(thrown: unknown, { signal, isThere }: Limits): boolean {
  if (!isThere() || signal.aborted || !(thrown instanceof Denial)) return false;
  return thrown.code === 'upstream-failed' || thrown.code === 'upstream-timeout';
}

function gone({ name }: Upstream, cause?: unknown): Denial {
  return new Denial(
    'upstream-failed',
    `Cannot complete the call: the server ${name} no longer has its task`,
    { cause, hint: 'whether it was done is not known; look before you call the tool again' },
  );
}

function withoutProgress({
  onProgress: _own,
  beforeRetry: _retry,
  ...limits
}: RequestOptions): RequestOptions {
  return limits;
}

function keyOf(server: string, taskId: string): string {
  return `${server} ${taskId}`;
}
