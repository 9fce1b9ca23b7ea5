import type { Reply, Session } from '../../call.ts';
import { Denial } from '../../denial.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { pollInterval } from './follow.ts';

/** How a task ended. */
export type Outcome = Reply | Denial;

/** One call that goes on when its request has been answered. */
export interface Task {
  readonly id: string;
  readonly ttl: number;
  /** A call that may be answered with its result as well: its server decides (2026-07-28). */
  readonly isOptional: boolean;
  /** As it was when the task began. */
  readonly session: Session;
  /** Ends the call, at the server too. */
  readonly controller: AbortController;
  /** Resolves when the call has ended, well or badly. */
  readonly outcome: Promise<Outcome>;
  /** The request that begins it, while it is open. */
  request: RequestId | undefined;
  /** Each open `tasks/result`; questions go to the client on the stream of the last. */
  readonly waiters: Set<RequestId>;
  /** Questions that no `tasks/result` has taken yet. */
  readonly questions: Frame[];
  /** Ids of questions that the client was or will be asked. */
  readonly asked: Set<RequestId>;
  ended: Outcome | undefined;
  cancelled: boolean;
  /** Somebody came for the result. */
  fetched: boolean;
  /** Nothing that its server says in words before the result may be shown. */
  isWordless: boolean;
  message: string | undefined;
  interval: number;
  readonly createdAt: Date;
  updatedAt: Date;
}

export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** Never the server's word: done is what has passed every stage. */
export function statusOf(task: Task, isAsked: (id: RequestId) => boolean): TaskStatus {
  if (task.cancelled) return 'cancelled';
  if (task.ended !== undefined) return isGood(task.ended) ? 'completed' : 'failed';
  return [...task.asked].some(isAsked) ? 'input_required' : 'working';
}

/** MCP 2025-11-25, tasks: a result with `isError` is a failed task. */
function isGood(outcome: Outcome): boolean {
  if (outcome instanceof Denial) return false;
  return !outcome.scanned.output.raw.failed && outcome.result['isError'] !== true;
}

/** The task as the client sees it. */
export function viewOf(task: Task, status: TaskStatus): JsonObject {
  const message = task.ended instanceof Denial ? task.ended.message : task.message;
  return {
    taskId: task.id,
    status,
    ...(message === undefined ? {} : { statusMessage: message }),
    createdAt: task.createdAt.toISOString(),
    lastUpdatedAt: task.updatedAt.toISOString(),
    ttl: task.ttl,
    pollInterval: pollInterval({ pollInterval: task.interval }),
  };
}
