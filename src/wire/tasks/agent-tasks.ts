import type { JsonObject, Reply, Session } from '../../call.ts';
import { Denial } from '../../denial.ts';
import { isJsonObject } from '../../lib/json.ts';
import { withResolvers } from '../../lib/resolvers.ts';
import type { Message, RunCall } from '../../pipeline.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { rewritten } from '../in-wait.ts';
import { denialFrame, resultFrame } from '../reply.ts';
import { withRelatedTask } from './related-task.ts';
import type { Outcome, Task } from './task.ts';
import type { TaskTable } from './task-table.ts';

export type AgentTasksOptions = {
  readonly table: TaskTable;
  /** The pipeline of a call that has to run as a task. */
  readonly run: RunCall;
  /** The pipeline of any call. */
  readonly runAny: RunCall;
  /** Asks policy and catalogue once more before a result is handed out. Rejects with a `Denial`. */
  readonly recheck: (reply: Reply, session: Session) => Promise<void>;
  /** The answer that a reply is. */
  readonly answerOf: (id: RequestId, reply: Reply) => Frame;
  /** Writes one step down. */
  readonly record: (session: Session, step: string, fields: JsonObject) => string;
  /** As the client sees it. */
  readonly view: (task: Task) => JsonObject;
  /** Tells the client of a new state. */
  readonly tell: (task: Task) => void;
  /** The client has come for the result with this request. */
  readonly onFetch: (task: Task, id: RequestId) => void;
  /** What the client still has to answer for the task. */
  readonly questions: (task: Task) => readonly Frame[];
};

/** What a request of the router's brings. */
export type TaskRequest = Pick<Message, 'id' | 'session' | 'params' | 'agree'>;
export type TaskMethod = 'tasks/get' | 'tasks/result' | 'tasks/list' | 'tasks/cancel';

/** The state of a task whose client comes for everything with `tasks/get` (2026-07-28). */
export type Detailed = {
  readonly task: JsonObject;
  /** Requests to the client that wait for an answer. */
  readonly questions: readonly Frame[];
  /** What its call came to, decided again; `undefined`: it goes on, or was cancelled. */
  readonly answer: Frame | undefined;
};

/** Answers what a client asks about tasks: each is one call of the pipeline, whose result is kept and fetched later. */
export interface AgentTasks {
  /**
   * Answers `tools/call` with `task`: the task, or what the call came to before there was one. With `onTask` the server
   * decides whether there is one, and `onTask` hears of it before it is answered.
   */
  readonly begin: (
    request: TaskRequest,
    signal: AbortSignal,
    onTask?: (task: JsonObject) => void,
  ) => Promise<Frame>;
  readonly answer: (
    method: TaskMethod,
    request: TaskRequest,
    signal: AbortSignal,
  ) => Promise<Frame>;
  /** `tasks/get` of the extension. Throws for a task that is not of this connection. */
  readonly look: (request: TaskRequest) => Promise<Detailed>;
  /** `tasks/cancel` of the extension: one that has ended stays as it is. */
  readonly drop: (request: TaskRequest) => void;
  /** The server has taken the call on; `told` is what the model may be told meanwhile. */
  onStarted(task: Task, told: JsonObject): void;
}

/** Not yet an outcome. */
type Begun = { readonly begun: JsonObject };

export function createAgentTasks(options: AgentTasksOptions): AgentTasks {
  const { table, view } = options;
  const starts = new WeakMap<Task, (begun: Begun) => void>();

  async function begin(
    request: TaskRequest,
    signal: AbortSignal,
    onTask?: (task: JsonObject) => void,
  ): Promise<Frame> {
    const { id, session } = request;
    // Its cancellation may have come in one chunk with it.
    signal.throwIfAborted();
    const settled = withResolvers<Outcome>();
    const isOptional = onTask !== undefined;
    const task = table.open(request, settled.promise, isOptional);
    if (!isOptional) keep(task);
    const abandon = (): void => table.end(task, 'the client cancelled it');
    signal.addEventListener('abort', abandon, { once: true });
    const started = new Promise<Begun>((resolve) => starts.set(task, resolve));
    const message: Message = { ...request, id: task.id, method: 'tools/call' };
    const run = isOptional ? options.runAny : options.run;
    void follow(task, run(message, task.controller.signal), settled.resolve);
    let first = await Promise.race([started, settled.promise]);
    // Nobody asked for this task: where there is no room for one, the call is answered when it is done.
    if ('begun' in first && isOptional && !hasRoom(task)) first = await settled.promise;
    signal.removeEventListener('abort', abandon);
    if ('begun' in first) {
      noteBegun(task, session);
      const seen = { ...view(task), status: 'working' };
      onTask?.(seen);
      return resultFrame(id, { ...first.begun, task: seen });
    }
    table.end(task, 'it has ended');
    if (first instanceof Denial) throw first;
    return options.answerOf(id, first);
  }

  function keep(task: Task): void {
    try {
      table.keep(task);
    } catch (thrown) {
      table.end(task, 'there is no room');
      throw thrown;
    }
  }

  function hasRoom(task: Task): boolean {
    // Its client may have left in the same turn: what has ended takes no place.
    if (table.get(task.id) === undefined) return false;
    try {
      table.keep(task);
      return true;
    } catch {
      return false;
    }
  }

  function noteBegun(task: Task, session: Session): void {
    try {
      options.record(session, 'begun', { task: task.id });
      task.request = undefined;
    } catch (thrown) {
      table.end(task, 'it could not be written down');
      throw thrown;
    }
  }

  /** The pipeline's `Denial` is on disk already. */
  async function follow(
    task: Task,
    call: Promise<Reply>,
    settle: (outcome: Outcome) => void,
  ): Promise<void> {
    const came = await call.catch((thrown: unknown) => Denial.from(thrown));
    const fits = came instanceof Denial || table.hold(task, came.result);
    const outcome = fits ? came : tooLarge(came);
    task.ended = outcome;
    task.questions.length = 0;
    if (!task.cancelled) options.tell(task);
    settle(outcome);
  }

  function mine({ taskId }: JsonObject): Task {
    const task = typeof taskId === 'string' ? table.get(taskId) : undefined;
    // One that began and was not answered yet is nobody's to ask for.
    if (task !== undefined && task.request === undefined) return task;
    throw new Denial(
      'tool-unknown',
      'Unknown task: there is none of this id on this connection; after a restart, and when its time is over, a task is gone',
    );
  }

  async function result({ id, session, params }: TaskRequest, signal: AbortSignal): Promise<Frame> {
    const task = mine(params);
    task.waiters.add(id);
    options.onFetch(task, id);
    try {
      const outcome = await unlessAborted(task.outcome, signal);
      task.fetched = true;
      const frame = await handOut(task, id, session, outcome);
      const { result: whole } = frame;
      return isJsonObject(whole)
        ? rewritten(frame, { ...frame, result: withRelatedTask(whole, task.id) })
        : frame;
    } finally {
      task.waiters.delete(id);
    }
  }

  async function handOut(
    task: Task,
    id: RequestId,
    session: Session,
    outcome: Outcome,
  ): Promise<Frame> {
    if (outcome instanceof Denial)
      return denialFrame(id, 'tools/call', outcome, outcome.traceId ?? '');
    const { traceId } = outcome.scanned.output.raw.grant.permit.call;
    try {
      await options.recheck(outcome, { ...task.session, caller: session.caller });
    } catch (thrown) {
      const denial = Denial.from(thrown);
      const { code, policies } = denial;
      options.record(session, 'refused', { task: task.id, traceId, code, policies });
      return denialFrame(id, 'tools/call', denial, traceId);
    }
    options.record(session, 'handed-out', { task: task.id, traceId });
    return options.answerOf(id, outcome);
  }

  function cancel({ session, params }: TaskRequest): JsonObject {
    const task = mine(params);
    if (hasEnded(task))
      throw new Denial('arguments-invalid', 'Cannot cancel the task: it has ended');
    stop(task, session);
    return view(task);
  }

  function stop(task: Task, session: Session): void {
    options.record(session, 'cancelled', { task: task.id });
    task.cancelled = true;
    task.controller.abort(
      new Denial('upstream-failed', 'Cannot complete the call: the client cancelled it'),
    );
    options.tell(task);
  }

  async function look({ id, session, params }: TaskRequest): Promise<Detailed> {
    const task = mine(params);
    const seen = view(task);
    const { ended } = task;
    if (task.cancelled || ended === undefined)
      return {
        task: seen,
        questions: task.cancelled ? [] : options.questions(task),
        answer: undefined,
      };
    task.fetched = true;
    return { task: seen, questions: [], answer: await handOut(task, id, session, ended) };
  }

  function list({ params }: TaskRequest): JsonObject {
    // All fit on one page.
    if (params['cursor'] !== undefined)
      throw new Denial('arguments-invalid', 'Cannot list tasks: there is no such page');
    const known = table.all().filter(({ request }) => request === undefined);
    return { tasks: known.map((task) => view(task)) };
  }

  return {
    begin,
    look,
    drop({ session, params }) {
      const task = mine(params);
      if (!hasEnded(task)) stop(task, session);
    },
    async answer(method, request, signal) {
      const { id, params } = request;
      if (method === 'tasks/result') return await result(request, signal);
      if (method === 'tasks/cancel') return resultFrame(id, cancel(request));
      if (method === 'tasks/list') return resultFrame(id, list(request));
      return resultFrame(id, view(mine(params)));
    },
    onStarted(task, told) {
      starts.get(task)?.({ begun: told });
    },
  };
}

function tooLarge({ scanned }: Reply): Denial {
  const denial = new Denial(
    'too-large',
    'Cannot keep the result of the task: too much is kept already',
    { hint: 'call the tool without a task, or for less' },
  );
  denial.traceId = scanned.output.raw.grant.permit.call.traceId;
  return denial;
}

function hasEnded({ cancelled, ended }: Task): boolean {
  return cancelled || ended !== undefined;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(Denial.from(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    over.abort();
  }
}
