import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Caller } from '../../call.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { inputKey } from '../input-key.ts';
import { errorFrame } from '../reply.ts';
import { withRelatedTask } from '../tasks/related-task.ts';
import type { Exchange, ModernRequest } from './exchange.ts';
import { fits, inputRequest, mayAsk, readResponses, type Question } from './questions.ts';
import { ModernRefusal } from './refusal.ts';
import { completeResult, taskState, toModern } from './to-modern.ts';

export type HeldTasksOptions = {
  readonly serverInfo: JsonObject;
  /** What the router was told of the client. */
  readonly capabilities: JsonObject;
  /** Asks the router in the name of `caller`. Resolves with its answer. */
  readonly ask: (method: string, params: JsonObject, caller: Caller) => Promise<Frame>;
  /** Answers a request of the router's. */
  readonly respond: (frame: Frame) => void;
  readonly onFailed: (thrown: unknown) => void;
};

/** The tasks of one connection towards clients with the extension (ext-tasks 2026-07-28). */
export interface HeldTasks {
  readonly has: (taskId: JsonObject[string]) => boolean;
  /** A task of the router's has begun. */
  add(task: JsonObject): void;
  /** The router tells of one. */
  hear(state: JsonObject): void;
  /** Answers `tasks/get`, `tasks/update` and `tasks/cancel`. Throws `ModernRefusal`. */
  answer(request: ModernRequest, exchange: Exchange): () => void;
  /** Some of them still run. */
  readonly running: boolean;
  /** Some of them have a result for whoever comes. */
  readonly size: number;
  close(): void;
}

type Row = {
  readonly timer: NodeJS.Timeout;
  over: boolean;
  /** By the key under which the client sees it. */
  open: ReadonlyMap<string, Question>;
  /** Keys that the client has seen: each means one question for as long as the task lives. */
  readonly used: Set<string>;
};

const OVER: ReadonlySet<unknown> = new Set(['completed', 'failed', 'cancelled']);

export function createHeldTasks(options: HeldTasksOptions): HeldTasks {
  const { serverInfo, ask, respond, onFailed } = options;
  const rows = new Map<string, Row>();

  function rowOf({ taskId }: JsonObject): Row {
    const row = typeof taskId === 'string' ? rows.get(taskId) : undefined;
    if (row === undefined) throw unknownTask();
    return row;
  }

  /** The questions as the client sees them; those it cannot answer are refused, as a server would wait for them. */
  function questionsOf(row: Row, asked: readonly Frame[]): ReadonlyMap<string, Question> {
    const known = new Map([...row.open].map(([key, { id }]) => [id, key]));
    const open = new Map<string, Question>();
    for (const frame of asked) {
      const question = readQuestion(frame);
      if (question === undefined) continue;
      if (!mayAsk(options.capabilities, question))
        respond(errorFrame(question.id, -32601, 'Cannot ask the client: it cannot answer this'));
      else open.set(known.get(question.id) ?? keyFor(row, question), question);
    }
    row.open = open;
    return open;
  }

  async function look(
    { params, caller, meta }: ModernRequest,
    row: Row,
    id: RequestId,
  ): Promise<Frame> {
    const frame = await ask('tasks/get', { taskId: params['taskId'] }, caller);
    const { result } = frame;
    if (!isJsonObject(result)) return toModern('tasks/get', id, frame, serverInfo);
    const { task, answer, questions } = result;
    const state = taskState(isJsonObject(task) ? task : {});
    if (isJsonObject(answer)) return done(id, state, answer);
    const open = questionsOf(row, Array.isArray(questions) ? questions.filter(isJsonObject) : []);
    if (OVER.has(state['status'])) return completed(id, state);
    // Only what this very request says its client can answer.
    const shown = [...open].filter(([, question]) => mayAsk(meta.capabilities, question));
    if (shown.length === 0) return completed(id, { ...state, status: 'working' });
    const asked = shown.map(([key, question]) => [key, inputRequest(question)] as const);
    return completed(id, { ...state, status: 'input_required' }, Object.fromEntries(asked));
  }

  /** What the call came to, as the call itself would have been answered. */
  function done(id: RequestId, state: JsonObject, answer: JsonObject): Frame {
    const { result, error } = toModern('tools/call', id, answer, serverInfo);
    return completed(
      id,
      error === undefined
        ? { ...state, status: 'completed', result }
        : { ...state, status: 'failed', error },
    );
  }

  function completed(id: RequestId, said: JsonObject, inputRequests?: JsonObject): Frame {
    const result = completeResult('tasks/get', said, serverInfo);
    const asks = inputRequests === undefined ? {} : { inputRequests };
    return { jsonrpc: '2.0', id, result: { ...result, ...asks } };
  }

  /** What answers no question that is open, or not this one, is left alone (ext-tasks, task update requests). */
  function update({ params }: ModernRequest, row: Row, id: RequestId): Frame {
    if (params['inputResponses'] === undefined)
      throw new ModernRefusal('params-malformed', 'Cannot update the task: no inputResponses');
    const open = new Map(row.open);
    for (const [key, response] of readResponses(params)) {
      const question = open.get(key);
      if (question === undefined || !fits(question, response)) continue;
      open.delete(key);
      respond({ jsonrpc: '2.0', id: question.id, result: response });
    }
    row.open = open;
    return completed(id, {});
  }

  async function cancel({ params, caller }: ModernRequest, id: RequestId): Promise<Frame> {
    const frame = await ask('tasks/cancel', { taskId: params['taskId'] }, caller);
    return toModern('tasks/cancel', id, frame, serverInfo);
  }

  /** Nobody waits for this: what it throws would end the process. */
  async function deliver(
    answering: Promise<Frame>,
    id: RequestId,
    send: (frame: Frame) => void,
  ): Promise<void> {
    try {
      send(await answering.catch((thrown: unknown) => failed(thrown, id)));
    } catch (thrown) {
      onFailed(thrown);
    }
  }

  function failed(thrown: unknown, id: RequestId): Frame {
    onFailed(thrown);
    return errorFrame(id, -32603, 'Cannot complete the request: internal error');
  }

  function forget(taskId: string): void {
    clearTimeout(rows.get(taskId)?.timer);
    rows.delete(taskId);
  }

  return {
    has: (taskId) => typeof taskId === 'string' && rows.has(taskId),
    add({ taskId, ttl }) {
      if (typeof taskId !== 'string' || typeof ttl !== 'number') return;
      const timer = setTimeout(() => forget(taskId), ttl).unref();
      rows.set(taskId, { timer, over: false, open: new Map(), used: new Set() });
    },
    hear({ taskId, status }) {
      const row = typeof taskId === 'string' ? rows.get(taskId) : undefined;
      if (row !== undefined && OVER.has(status)) row.over = true;
    },
    answer(request, exchange) {
      const { id } = exchange;
      const row = rowOf(request.params);
      let wanted = true;
      const send = (frame: Frame): void => {
        if (wanted) exchange.answer(frame);
      };
      const { method } = request;
      // The acknowledgement comes after the answers, which the router takes at the end of this turn.
      if (method === 'tasks/update') {
        const frame = update(request, row, id);
        void deliver(setImmediate(frame), id, send);
      } else if (method === 'tasks/get') void deliver(look(request, row, id), id, send);
      else void deliver(cancel(request, id), id, send);
      return () => (wanted = false);
    },
    get running() {
      return [...rows.values()].some(({ over }) => !over);
    },
    get size() {
      return rows.size;
    },
    close() {
      for (const taskId of rows.keys()) forget(taskId);
    },
  };
}

/** The same for a task of somebody else, for one that is over and for one that never was. */
export function unknownTask(): ModernRefusal {
  return new ModernRefusal(
    'task-unknown',
    'Unknown task: you have none of this id; after a restart, and when its time is over, a task is gone',
  );
}

/** As the router asks it, without the task it is for: the client has come to that. */
function readQuestion({ id, method, params }: Frame): Question | undefined {
  if (typeof method !== 'string' || (typeof id !== 'string' && typeof id !== 'number'))
    return undefined;
  return { id, method, params: withRelatedTask(isJsonObject(params) ? params : {}, undefined) };
}

/** The key that the server gave it, unless that has meant another question of this task. */
function keyFor({ used }: Row, { params }: Question): string {
  const given = inputKey(params);
  const isFree = given !== undefined && given !== '' && !used.has(given);
  const key = isFree ? given : randomBytes(12).toString('base64url');
  used.add(key);
  return key;
}
