import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, JsonObject } from '../../call.ts';
import { Denial } from '../../denial.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { RequestOptions } from '../pending.ts';
import { UpstreamError } from '../upstream-error.ts';
import type { Upstream } from '../upstream.ts';
import { taskSupport, withRelatedTask } from './related-task.ts';

/** How a client that asked for a task hears of the one at the server. */
export type Followed = {
  /** The client wants this call as a task, to be kept for that many milliseconds. */
  readonly wanted: (call: Call) => number | undefined;
  /** The server has taken the call on. */
  readonly onStarted: (call: Call, created: JsonObject) => void;
  /** A state of it, as the server tells it. */
  readonly onState: (call: Call, task: JsonObject) => void;
};

export interface Follow {
  /** Asks an upstream; a tool that runs as a task is followed to its end, whatever the client knows of tasks. */
  readonly request: (
    upstream: Upstream,
    call: Call,
    method: string,
    params: JsonObject,
    limits: RequestOptions,
  ) => Promise<JsonObject>;
  /** The call for which a server runs this task. */
  callOf(server: string, taskId: string): Call | undefined;
}

/** Milliseconds that a server keeps the task of a client that asked for none. */
const TTL_MS = 3_600_000;
const POLL = { least: 250, most: 10_000, usual: 1000 } as const;

/** The bridge to servers that run tools as tasks (MCP 2025-11-25): one call out, one result back. */
export function createFollow({ wanted, onStarted, onState }: Followed): Follow {
  const calls = new Map<string, Call>();

  async function follow(
    upstream: Upstream,
    call: Call,
    params: JsonObject,
    limits: RequestOptions,
  ): Promise<JsonObject> {
    const over = new AbortController();
    const ttl = wanted(call) ?? TTL_MS;
    const created = await upstream
      .request('tools/call', { ...params, task: { ttl } }, { ...limits, lasting: over.signal })
      .catch((thrown: unknown) => {
        over.abort();
        throw thrown;
      });
    const task = isJsonObject(created['task']) ? created['task'] : {};
    const { taskId } = task;
    // It may answer at once after all.
    if (typeof taskId !== 'string') {
      over.abort();
      onStarted(call, {});
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
    try {
      onStarted(call, created);
      const signal = AbortSignal.any([limits.signal, over.signal]);
      const { maxTotalMs } = limits;
      // Blocks until the task is done; servers put what a task asks on the stream of this request.
      const result = upstream.request(
        'tasks/result',
        { taskId },
        {
          ...withoutProgress(limits),
          signal,
          timeoutMs: maxTotalMs,
        },
      );
      return withRelatedTask(
        await Promise.race([result, watch(upstream, call, task, { ...limits, signal })]),
        undefined,
      );
    } catch (thrown) {
      if (thrown instanceof UpstreamError) throw thrown;
      cancel(upstream, taskId, limits);
      throw upstream.state === 'ready' || limits.signal.aborted ? thrown : gone(upstream, thrown);
    } finally {
      over.abort();
      calls.delete(key);
    }
  }

  /** Tells of each state; rejects when the server no longer knows the task or does not answer. */
  async function watch(
    upstream: Upstream,
    call: Call,
    started: JsonObject,
    limits: RequestOptions,
  ): Promise<never> {
    const params = { taskId: started['taskId'] };
    for (let task = started; ;) {
      await sleep(pollInterval(task), undefined, { signal: limits.signal, ref: false });
      try {
        task = await upstream.request('tasks/get', params, withoutProgress(limits));
      } catch (thrown) {
        throw thrown instanceof UpstreamError ? gone(upstream, thrown) : thrown;
      }
      if (isOver(task)) return await late(upstream, limits);
      onState(call, task);
    }
  }

  return {
    async request(upstream, call, method, params, limits) {
      if (method === 'tools/call') {
        const isWanted = wanted(call) !== undefined;
        if (runsTasks(upstream, call, isWanted))
          return await follow(upstream, call, params, limits);
        // The server knows no tasks, or no longer: then it is one of the gate alone.
        if (isWanted) onStarted(call, {});
      }
      return await upstream.request(method, params, limits);
    },
    callOf: (server, taskId) => calls.get(keyOf(server, taskId)),
  };
}

function runsTasks({ capabilities }: Upstream, { subject }: Call, isWanted: boolean): boolean {
  const requests = isJsonObject(capabilities['tasks']) ? capabilities['tasks']['requests'] : {};
  const tools = isJsonObject(requests) ? requests['tools'] : {};
  if (!isJsonObject(tools) || tools['call'] === undefined) return false;
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

/** It is over: its result must not take longer than an answer may. */
async function late({ name }: Upstream, { signal, timeoutMs }: RequestOptions): Promise<never> {
  await sleep(timeoutMs, undefined, { signal, ref: false });
  throw new Denial(
    'upstream-timeout',
    `Cannot complete the call: ${name} did not give the result of its task`,
  );
}

function gone({ name }: Upstream, cause: unknown): Denial {
  return new Denial(
    'upstream-failed',
    `Cannot complete the call: the server ${name} no longer has its task`,
    { cause, hint: 'whether it was done is not known; look before you call the tool again' },
  );
}

/** Best effort: whoever gave up does not wait for it. */
function cancel(upstream: Upstream, taskId: string, { timeoutMs }: RequestOptions): void {
  if (upstream.state !== 'ready') return;
  const limits = { signal: new AbortController().signal, timeoutMs, maxTotalMs: timeoutMs };
  upstream.request('tasks/cancel', { taskId }, limits).catch(() => undefined);
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
