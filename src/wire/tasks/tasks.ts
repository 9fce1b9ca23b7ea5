import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Call, JsonObject } from '../../call.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { AgentPort } from '../agent.ts';
import type { RequestId } from '../frames.ts';
import { createAgentTasks, type AgentTasks, type AgentTasksOptions } from './agent-tasks.ts';
import { createFollow, type Follow } from './follow.ts';
import { createQuestions } from './questions.ts';
import { relatedTask } from './related-task.ts';
import { statusOf, viewOf, type Task } from './task.ts';
import { createTaskTable, type TaskTableOptions } from './task-table.ts';

export type TasksOptions = TaskTableOptions &
  Pick<AgentTasksOptions, 'run' | 'runAny' | 'recheck' | 'answerOf' | 'record'> & {
    readonly port: AgentPort;
    /** Whether the client still owes the answer to this question. */
    readonly isAsked: (id: RequestId) => boolean;
    /** Counts what a server says; whether the detector has nothing to say of it: there is no place for delimiters. */
    readonly isQuiet: (said: JsonObject, call: Call) => boolean;
  };

/** Tasks of one client connection, of either form: those of the client, and those that servers run for its calls. */
export interface Tasks extends AgentPort, Pick<AgentTasks, 'begin' | 'answer' | 'look' | 'drop'> {
  readonly request: Follow['request'];
  /** The gateway itself has taken the call on. */
  readonly started: (call: Call) => void;
  /** What a question of this server is for: its task, or `otherwise` where it names none. */
  relatedTo(
    server: string,
    params: JsonObject,
    otherwise: RequestId | undefined,
  ): RequestId | undefined;
  readonly runsAt: Follow['runsAt'];
  /** Whether a server runs this call as a task of its own. */
  readonly isFollowed: Follow['isFollowed'];
  /** Whether a question names no task, or one that this server runs here. */
  isOfTask(server: string, params: JsonObject): Promise<boolean>;
  /** A server tells of a task. `false`: it runs none of that id here. */
  readonly onState: (server: string, task: JsonObject) => boolean;
  /** Ends all; resolves when the servers were told. */
  close(): Promise<void>;
}

const MAX_MESSAGE = 1000;
const IMMEDIATE = 'io.modelcontextprotocol/model-immediate-response';

export function createTasks(options: TasksOptions): Tasks {
  const { port, now } = options;
  const table = createTaskTable(options);
  const questions = createQuestions({ ...options, table, onAsked: tell });
  const agent = createAgentTasks({
    ...options,
    table,
    view,
    tell,
    onFetch: questions.flush,
    questions: questions.open,
  });
  const follow = createFollow({
    wanted: (call) => taskOf(call)?.ttl,
    onStarted(call, created, isWordless) {
      const task = taskOf(call);
      if (task === undefined) return;
      task.isWordless = isWordless;
      if (isJsonObject(created['task'])) hear(call, task, created['task']);
      // Its server answers at once, or knows no tasks: then there is none.
      else if (task.isOptional) return;
      agent.onStarted(task, immediate(call, task, created));
    },
    onState: changed,
  });

  function view(task: Task): JsonObject {
    return viewOf(task, statusOf(task, options.isAsked));
  }

  function tell(task: Task): void {
    task.updatedAt = now();
    if (task.request === undefined && table.get(task.id) !== undefined)
      port.send({ jsonrpc: '2.0', method: 'notifications/tasks/status', params: view(task) });
  }

  /** A step that the gateway makes has the id of the call that runs the plan, and is nobody's task. */
  function taskOf({ id, session }: Call): Task | undefined {
    return session.step?.isRun === true ? undefined : table.get(id);
  }

  function changed(call: Call, state: JsonObject): void {
    const task = taskOf(call);
    if (task !== undefined && hear(call, task, state)) tell(task);
  }

  /** Takes what a server says of it in words. Returns whether that is new. */
  function hear(call: Call, task: Task, { statusMessage, pollInterval }: JsonObject): boolean {
    if (typeof pollInterval === 'number') task.interval = pollInterval;
    if (task.isWordless || typeof statusMessage !== 'string') return false;
    const said = statusMessage.slice(0, MAX_MESSAGE);
    if (said === task.message || !options.isQuiet({ said }, call)) return false;
    task.message = said;
    return true;
  }

  /** All that is taken of a server's answer besides its task: what a client may tell the model at once (MCP, tasks). */
  function immediate(call: Call, { isWordless }: Task, { _meta: meta }: JsonObject): JsonObject {
    if (isWordless) return {};
    const said = isJsonObject(meta) ? meta[IMMEDIATE] : undefined;
    if (typeof said !== 'string' || said.length > MAX_MESSAGE || !options.isQuiet({ said }, call))
      return {};
    return { _meta: { [IMMEDIATE]: said } };
  }

  function callOf(server: string, params: JsonObject): Call | undefined {
    const id = relatedTask(params);
    return id === undefined ? undefined : follow.callOf(server, id);
  }

  return {
    send: (frame, related) => questions.send(frame, related),
    begin: agent.begin,
    answer: agent.answer,
    look: agent.look,
    drop: agent.drop,
    request: follow.request,
    started(call) {
      const task = taskOf(call);
      if (task !== undefined) agent.onStarted(task, {});
    },
    runsAt: follow.runsAt,
    isFollowed: follow.isFollowed,
    relatedTo: (server, params, otherwise) =>
      relatedTask(params) === undefined ? otherwise : callOf(server, params)?.id,
    async isOfTask(server, params) {
      if (relatedTask(params) === undefined || callOf(server, params) !== undefined) return true;
      // It may come in one chunk with the answer that began its task.
      await nextTurn();
      return callOf(server, params) !== undefined;
    },
    onState(server, task) {
      const { taskId } = task;
      const call = typeof taskId === 'string' ? follow.callOf(server, taskId) : undefined;
      if (call !== undefined) changed(call, task);
      return call !== undefined;
    },
    async close() {
      for (const task of table.all()) table.end(task, 'the session is closing');
      await follow.settled();
    },
  };
}
