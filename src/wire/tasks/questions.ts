import { isJsonObject } from '../../lib/json.ts';
import type { AgentPort } from '../agent.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { withRelatedTask } from './related-task.ts';
import type { Task } from './task.ts';
import type { TaskTable } from './task-table.ts';

export type QuestionsOptions = {
  readonly port: AgentPort;
  readonly table: TaskTable;
  /** Whether the client still owes the answer to this question. */
  readonly isAsked: (id: RequestId) => boolean;
  /** A task waits for an answer from now on. */
  readonly onAsked: (task: Task) => void;
};

/** Sends frames to the client; what belongs to a task goes where its client waits for it. */
export interface Questions extends AgentPort {
  /** The client has come for the result with this request: what waits for it is asked there. */
  readonly flush: (task: Task, waiter: RequestId) => void;
  /** What waits for it and was not taken back. */
  readonly open: (task: Task) => readonly Frame[];
}

/** Questions of a task are kept until the client comes with `tasks/result` (MCP 2025-11-25, `input_required`). */
export function createQuestions({ port, table, isAsked, onAsked }: QuestionsOptions): Questions {
  function sendFor(task: Task, frame: Frame): void {
    const { id } = frame;
    const params = isJsonObject(frame['params']) ? frame['params'] : {};
    const own = { ...frame, params: withRelatedTask(params, task.id) };
    const waiter = [...task.waiters].at(-1);
    // Its client does not know the id yet.
    if (task.request !== undefined) port.send(frame, task.request);
    else if (typeof id !== 'string' && typeof id !== 'number') port.send(own, waiter);
    else {
      for (const asked of task.asked) if (!isAsked(asked)) task.asked.delete(asked);
      task.asked.add(id);
      open(task);
      if (waiter === undefined) task.questions.push(own);
      else port.send(own, waiter);
      onAsked(task);
    }
  }

  /** Forgets what nobody waits for any more: a client that answers without having come for it leaves it here. */
  function open(task: Task): readonly Frame[] {
    const waiting = task.questions.filter(({ id }) => isOpen(id));
    task.questions.splice(0, task.questions.length, ...waiting);
    return waiting;
  }

  function isOpen(id: Frame[string]): boolean {
    return (typeof id === 'string' || typeof id === 'number') && isAsked(id);
  }

  /** A question that is taken back before the client came for it. */
  function isWithdrawn({ method, params }: Frame): boolean {
    if (method !== 'notifications/cancelled' || !isJsonObject(params)) return false;
    for (const { questions } of table.all()) {
      const at = questions.findIndex(({ id }) => id === params['requestId']);
      if (at !== -1) return questions.splice(at, 1).length > 0;
    }
    return false;
  }

  return {
    open,
    send(frame, related) {
      if (isWithdrawn(frame)) return;
      const task = table.get(related);
      // Answers carry the client's own ids, whatever these look like.
      if (task === undefined || frame['method'] === undefined) port.send(frame, related);
      else sendFor(task, frame);
    },
    flush(task, waiter) {
      for (const question of task.questions.splice(0)) port.send(question, waiter);
    },
  };
}
