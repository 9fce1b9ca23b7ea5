import { randomUUID } from 'node:crypto';
import { Denial } from '../../denial.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Message } from '../../pipeline.ts';
import type { RequestId } from '../frames.ts';
import { asOfNow } from './recheck.ts';
import type { Outcome, Task } from './task.ts';
import type { TakeTaskSlot, TaskSlot } from './task-slots.ts';

export type TaskTableOptions = {
  readonly takeSlot: TakeTaskSlot;
  readonly now: () => Date;
};

/** The tasks of one connection, each for its time. */
export interface TaskTable {
  open(
    request: Pick<Message, 'id' | 'session' | 'params'>,
    outcome: Promise<Outcome>,
    isOptional: boolean,
  ): Task;
  /** From now on it outlives its request, for its time. Throws `rate-limited`. */
  keep(task: Task): void;
  /** Takes room for what it came to. `false`: there is none. */
  hold(task: Task, result: JsonObject): boolean;
  /** Forgets a task and ends its call, where it still runs. */
  end(task: Task, why: string): void;
  get(id: RequestId | undefined): Task | undefined;
  /** Oldest first. */
  all(): readonly Task[];
}

/** Milliseconds. */
const TTL = { least: 1000, most: 3_600_000 } as const;

export function createTaskTable({ takeSlot, now }: TaskTableOptions): TaskTable {
  const tasks = new Map<RequestId, Task>();
  const kept = new Map<Task, { readonly slot: TaskSlot; readonly timer: NodeJS.Timeout }>();

  /** One that has ended makes room: first those that were fetched, oldest first. `false`: none has. */
  function makeRoom(): boolean {
    const over = [...kept.keys()].filter(({ ended }) => ended !== undefined);
    const [oldest] = [...over.filter(({ fetched }) => fetched), ...over];
    if (oldest === undefined) return false;
    end(oldest, 'its time is over');
    return true;
  }

  function takePlace({ caller }: Message['session']): TaskSlot {
    try {
      return takeSlot(caller);
    } catch (thrown) {
      if (!makeRoom()) throw thrown;
      return takeSlot(caller);
    }
  }

  function end(task: Task, why: string): void {
    tasks.delete(task.id);
    const { slot, timer } = kept.get(task) ?? {};
    kept.delete(task);
    clearTimeout(timer);
    slot?.release();
    task.controller.abort(new Denial('upstream-failed', `Cannot complete the call: ${why}`));
  }

  return {
    end,
    get: (id) => (id === undefined ? undefined : tasks.get(id)),
    all: () => [...tasks.values()],
    keep(task) {
      const slot = takePlace(task.session);
      const timer = setTimeout(() => end(task, 'its time is over'), task.ttl).unref();
      kept.set(task, { slot, timer });
    },
    hold(task, result) {
      const { slot } = kept.get(task) ?? {};
      if (slot === undefined) return true;
      while (!slot.hold(result)) if (!makeRoom()) return false;
      return true;
    },
    open({ id, session, params }, outcome, isOptional) {
      const asked = isJsonObject(params['task']) ? params['task']['ttl'] : undefined;
      const createdAt = now();
      const task: Task = {
        // 122 random bits: nobody else's can be guessed.
        id: randomUUID(),
        ttl: typeof asked === 'number' ? Math.min(Math.max(asked, TTL.least), TTL.most) : TTL.most,
        isOptional,
        controller: new AbortController(),
        session: asOfNow(session),
        outcome,
        request: id,
        waiters: new Set(),
        questions: [],
        asked: new Set(),
        ended: undefined,
        cancelled: false,
        fetched: false,
        isWordless: false,
        message: undefined,
        interval: 0,
        createdAt,
        updatedAt: createdAt,
      };
      tasks.set(task.id, task);
      return task;
    },
  };
}
