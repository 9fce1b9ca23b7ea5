import { randomUUID } from 'node:crypto';
import { Denial } from '../../denial.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { Message } from '../../pipeline.ts';
import type { RequestId } from '../frames.ts';
import { asOfNow } from './recheck.ts';
import type { Outcome, Task } from './task.ts';
import type { TakeTaskSlot } from './task-slots.ts';

export type TaskTableOptions = {
  readonly takeSlot: TakeTaskSlot;
  readonly now: () => Date;
};

/** The tasks of one connection, each for its time. */
export interface TaskTable {
  /** Throws `rate-limited`. */
  open(request: Pick<Message, 'id' | 'session' | 'params'>, outcome: Promise<Outcome>): Task;
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
  const ends = new Map<Task, () => void>();

  /** Where all places are taken, one that has ended makes room: first those that were fetched, oldest first. */
  function takePlace({ caller }: Message['session']): () => void {
    try {
      return takeSlot(caller);
    } catch (thrown) {
      const over = [...tasks.values()].filter(({ ended }) => ended !== undefined);
      const [oldest] = [...over.filter(({ fetched }) => fetched), ...over];
      if (oldest === undefined) throw thrown;
      end(oldest, 'its time is over');
      return takeSlot(caller);
    }
  }

  function end(task: Task, why: string): void {
    tasks.delete(task.id);
    ends.get(task)?.();
    ends.delete(task);
    task.controller.abort(new Denial('upstream-failed', `Cannot complete the call: ${why}`));
  }

  return {
    end,
    get: (id) => (id === undefined ? undefined : tasks.get(id)),
    all: () => [...tasks.values()],
    open({ id, session, params }, outcome) {
      const asked = isJsonObject(params['task']) ? params['task']['ttl'] : undefined;
      const release = takePlace(session);
      const createdAt = now();
      const task: Task = {
        // 122 random bits: nobody else's can be guessed.
        id: randomUUID(),
        ttl: typeof asked === 'number' ? Math.min(Math.max(asked, TTL.least), TTL.most) : TTL.most,
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
        message: undefined,
        interval: 0,
        createdAt,
        updatedAt: createdAt,
      };
      const timer = setTimeout(() => end(task, 'its time is over'), task.ttl).unref();
      tasks.set(task.id, task);
      ends.set(task, () => {
        clearTimeout(timer);
        release();
      });
      return task;
    },
  };
}
