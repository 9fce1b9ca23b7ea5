import { Denial } from '../../denial.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { withResolvers } from '../../lib/resolvers.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { withRelatedTask } from '../tasks/related-task.ts';

export type ServerTasksOptions = {
  /** Sends a request to the server. Resolves with its response, rejects when `signal` ends. */
  readonly ask: (method: string, params: JsonObject, signal: AbortSignal) => Promise<Frame>;
  /** Puts what `result` asks to the owner, for the owner's request `cause`. Rejects when an answer is an error. */
  readonly gather: (
    result: JsonObject,
    cause: RequestId,
    signal: AbortSignal,
  ) => Promise<JsonObject>;
};

/** The `result` or the `error` of a response. */
type Answer = JsonObject;

/**
 * Tasks of a server with the extension (ext-tasks 2026-07-28), in the words of 2025-11-25: the owner looks after each with
 * `tasks/get`, which also brings its result and its questions, and waits on `tasks/result`.
 */
export interface ServerTasks {
  /** The answer to the call that began one. Throws `upstream-failed` where it names no task, or one that runs. */
  begin(result: JsonObject): Answer;
  readonly get: (taskId: string, signal: AbortSignal) => Promise<Answer>;
  /** Resolves when the task is over. The owner's request `id` is what its questions are for. */
  readonly result: (id: RequestId, taskId: string, signal: AbortSignal) => Promise<Answer>;
  readonly cancel: (taskId: string, signal: AbortSignal) => Promise<Answer>;
  close(): void;
}

type Row = {
  readonly taskId: string;
  readonly outcome: Promise<Answer>;
  readonly settle: (answer: Answer) => void;
  /** Ends what is asked for it. */
  readonly over: AbortController;
  /** Every question that was put: a key means one question for as long as the task lives. */
  readonly asked: Set<string>;
  /** The owner's request that waits for the result. */
  waiter: RequestId | undefined;
};

/** Characters. */
const MAX_ID = 1024;
/** Questions of one task, one after the other. */
const MAX_QUESTIONS = 256;
/** Milliseconds for what the owner does not wait for itself. */
const PATIENCE_MS = 30_000;
const UNKNOWN = failure(-32602, 'Unknown task');

export function createServerTasks({ ask, gather }: ServerTasksOptions): ServerTasks {
  const rows = new Map<string, Row>();

  /** The first end counts; it stays until the owner has come for it. */
  function end({ settle, over }: Row, answer: Answer): void {
    settle(answer);
    over.abort(new Error('the task is over'));
  }

  /** Takes what the server says of a task with everything that belongs to its state; what contradicts itself ends it. */
  function hear(row: Row, state: JsonObject): void {
    const { status, result, error } = state;
    if (state['taskId'] !== row.taskId)
      giveUp(row, 'the server told of another task than it was asked for');
    else if (status === 'completed')
      if (isComplete(result)) end(row, { result });
      else giveUp(row, 'the server says that its task is done, and gives no result');
    else if (status === 'failed')
      if (isJsonObject(error)) end(row, { error });
      else giveUp(row, 'the server says that its task has failed, and gives no error');
    else if (status === 'cancelled') end(row, failure(-32603, 'The server cancelled its task'));
    else if (status === 'input_required') put(row, state);
    else if (status !== 'working')
      giveUp(row, 'the server says of its task what is no state of one');
  }

  /** No answer to the owner can make this task go on. */
  function giveUp(row: Row, why: string): void {
    end(row, failure(-32603, `Cannot complete the call: ${why}`));
    const late = AbortSignal.timeout(PATIENCE_MS);
    ask('tasks/cancel', { taskId: row.taskId }, late).catch(() => undefined);
  }

  /** Puts what was not put before; the answers go back together. */
  function put(row: Row, { inputRequests }: JsonObject): void {
    const { taskId, waiter, asked, over } = row;
    if (waiter === undefined) return;
    if (!isJsonObject(inputRequests)) {
      giveUp(row, 'the server wants something for its task, and does not say what');
      return;
    }
    const fresh = Object.entries(inputRequests).filter(([key]) => !asked.has(key));
    if (fresh.length === 0) return;
    // All of them are kept for as long as the task is.
    if (fresh.some(([key]) => key.length > MAX_ID)) {
      giveUp(row, `the server named a question with more than ${MAX_ID} characters`);
      return;
    }
    for (const [key] of fresh) asked.add(key);
    if (asked.size > MAX_QUESTIONS) {
      giveUp(row, `the server asked more than ${MAX_QUESTIONS} things for one task`);
      return;
    }
    const about = fresh.map(([key, input]) => [
      key,
      isJsonObject(input) ? own(input, taskId) : input,
    ]);
    bring(row, waiter, Object.fromEntries(about)).catch((thrown: unknown) => {
      if (!over.signal.aborted) giveUp(row, reasonOf(thrown));
    });
  }

  async function bring(
    { taskId, over }: Row,
    waiter: RequestId,
    inputRequests: JsonObject,
  ): Promise<void> {
    const { inputResponses = {} } = await gather({ inputRequests }, waiter, over.signal);
    const late = AbortSignal.any([over.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const { error } = await ask('tasks/update', { taskId, inputResponses }, late);
    if (error !== undefined) throw refusal('the server did not take the answers for its task');
  }

  async function get(taskId: string, signal: AbortSignal): Promise<Answer> {
    const row = rows.get(taskId);
    const answer = await ask('tasks/get', { taskId }, signal);
    const { result } = answer;
    if (!isJsonObject(result)) return answer;
    if (row !== undefined && !row.over.signal.aborted) hear(row, result);
    return { result: olderState(result) };
  }

  async function cancel(taskId: string, signal: AbortSignal): Promise<Answer> {
    const row = rows.get(taskId);
    if (row !== undefined) end(row, failure(-32603, 'The task was cancelled'));
    rows.delete(taskId);
    return await ask('tasks/cancel', { taskId }, signal);
  }

  return {
    begin(result) {
      const { taskId } = result;
      if (typeof taskId !== 'string' || taskId === '' || taskId.length > MAX_ID)
        throw refusal('the server began a task and does not name it');
      if (rows.has(taskId)) throw refusal('the server gave the id of a task twice');
      const { promise: outcome, resolve: settle } = withResolvers<Answer>();
      const over = new AbortController();
      rows.set(taskId, { taskId, outcome, settle, over, asked: new Set(), waiter: undefined });
      return { result: { resultType: 'task', task: olderState(result) } };
    },
    get,
    async result(id, taskId, signal) {
      const row = rows.get(taskId);
      if (row === undefined) return UNKNOWN;
      row.waiter = id;
      const answer = await Promise.race([row.outcome, aborted(signal)]);
      rows.delete(taskId);
      return answer;
    },
    cancel,
    close() {
      for (const row of rows.values()) end(row, failure(-32603, 'The connection was closed'));
    },
  };
}

/** The state of a task as 2025-11-25 tells it: its result and its questions take other ways there. */
function olderState(state: JsonObject): JsonObject {
  const { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs } = state;
  return {
    taskId,
    status,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt,
    lastUpdatedAt,
    ttl: ttlMs ?? null,
    ...(pollIntervalMs === undefined ? {} : { pollInterval: pollIntervalMs }),
  };
}

/** A result inside of a task is the last word: what asks, or begins another task, is none. */
function isComplete(result: unknown): result is JsonObject {
  return isJsonObject(result) && (result['resultType'] ?? 'complete') === 'complete';
}

/** The question with the task it is for: what it says of that itself may name another's. */
function own(input: JsonObject, taskId: string): JsonObject {
  const { params = {} } = input;
  return isJsonObject(params) ? { ...input, params: withRelatedTask(params, taskId) } : input;
}

async function aborted(signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    const stop = (): void => reject(refusal('it was cancelled'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function failure(code: number, message: string): Answer {
  return { error: { code, message } };
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Denial
    ? thrown.message.replace(/^Cannot complete the call: /u, '')
    : 'what its task asked for could not be answered';
}

function refusal(why: string): Denial {
  return new Denial('upstream-failed', `Cannot complete the call: ${why}`);
}
