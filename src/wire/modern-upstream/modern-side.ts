import type { Caller } from '../../call.ts';
import { Denial } from '../../denial.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { ChannelEvents, Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { CODES, knowsTasks, MAY_REQUIRE_INPUT } from '../modern/meta.ts';
import { NotServed } from '../not-served.ts';
import { createAsks } from './asks.ts';
import { introduce, legacyWelcome, withTasks, type Introduction } from './introduction.ts';
import type { Line } from './line.ts';
import { createListening } from './listening.ts';
import { createServerTasks } from './server-tasks.ts';

export type ModernSideOptions = {
  readonly line: Line;
  readonly events: ChannelEvents;
  readonly introduction: Introduction;
  /** The result of `server/discover`. */
  readonly discovered: JsonObject;
};

/** A modern server in the legacy vocabulary: takes what a legacy client sends, and hands on what a legacy server would. */
export interface ModernSide {
  /** The answer to `initialize`. */
  welcome(params: JsonObject): JsonObject;
  /** A request's `send` settles when its answer came or cannot come any more. */
  send(frame: Frame, caller?: Caller): Promise<void>;
  /** Takes what the server sent that answers none of our requests, on the stream of `cause` where there is one. */
  onFrame(frame: Frame, cause?: RequestId): void;
  close(): void;
}

/** Answers that ask for more before the result; the default of the official client. */
const MAX_ROUNDS = 10;

type Call = {
  wire: RequestId | undefined;
  /** Answers that were no result yet. */
  rounds: number;
  /** In whose name. */
  readonly caller: Caller | undefined;
  readonly cancelled: AbortController;
};

export function createModernSide(options: ModernSideOptions): ModernSide {
  const { line, events, introduction, discovered } = options;
  const calls = new Map<RequestId, Call>();
  let lastId = 0;
  let logLevel: string | undefined;
  const asks = createAsks((frame, cause) => events.onFrame(frame, cause));
  const capabilities = isJsonObject(discovered['capabilities']) ? discovered['capabilities'] : {};
  /** What is said of the gate where a task may be the answer. */
  const taking = withTasks(introduction);
  const tasks = knowsTasks(capabilities)
    ? createServerTasks({ ask: askOfTask, gather: asks.gather })
    : undefined;
  const listening = createListening({
    capabilities,
    listen(notifications) {
      const id = nextId();
      const params = introduce(introduction, { notifications });
      return { id, ended: line.ask(id, 'subscriptions/listen', params) };
    },
    cancel,
    tell: (method, params) => events.onFrame({ jsonrpc: '2.0', method, params }),
    now: () => performance.now(),
    onStray: () => events.onUnreadable?.(new Error('a change that nobody listens for')),
  });

  /** Never an id that the owner used: a retry must have another one, and none may be guessed from the owner's. */
  function nextId(): RequestId {
    return `s${++lastId}`;
  }

  function cancel(id: RequestId, reason = 'cancelled'): void {
    line.abandon(id);
    const params = { requestId: id, reason };
    line.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch(() => undefined);
  }

  async function askOfTask(
    method: string,
    params: JsonObject,
    signal: AbortSignal,
  ): Promise<Frame> {
    signal.throwIfAborted();
    const id = nextId();
    const stop = (): void => cancel(id);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await line.ask(id, method, introduce(taking, params));
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** The owner's request that is under way as `wire`. */
  function ownerOf(wire: RequestId | undefined): RequestId | undefined {
    if (wire === undefined) return undefined;
    const [id = wire] = [...calls].find(([, call]) => call.wire === wire) ?? [];
    return id;
  }

  async function request(
    id: RequestId,
    method: string,
    params: JsonObject,
    caller: Caller | undefined,
  ): Promise<void> {
    const own: Call = { wire: undefined, rounds: 0, caller, cancelled: new AbortController() };
    calls.set(id, own);
    try {
      const { signal } = own.cancelled;
      const answer =
        (await ofTask(id, method, params, signal)) ?? (await complete(id, own, method, params));
      if (!own.cancelled.signal.aborted) events.onFrame({ jsonrpc: '2.0', ...answer, id });
    } catch (thrown) {
      if (thrown instanceof NotServed) {
        changed();
        // It has been worked on: as it came, the owner would send it again from the beginning.
        if (own.rounds > 0) throw new Error(thrown.message, { cause: thrown });
      }
      if (thrown instanceof Denial && !own.cancelled.signal.aborted) events.onUnreadable?.(thrown);
      throw thrown;
    } finally {
      calls.delete(id);
    }
  }

  /** The answer to a request about a task; `undefined`: it is about something else. */
  async function ofTask(
    id: RequestId,
    method: string,
    { taskId }: JsonObject,
    signal: AbortSignal,
  ): Promise<JsonObject | undefined> {
    if (tasks === undefined || typeof taskId !== 'string') return undefined;
    if (method === 'tasks/get') return await tasks.get(taskId, signal);
    if (method === 'tasks/result') return await tasks.result(id, taskId, signal);
    return method === 'tasks/cancel' ? await tasks.cancel(taskId, signal) : undefined;
  }

  /** Asks until the answer is no question any more (patterns, multi round-trip requests). */
  async function complete(
    id: RequestId,
    own: Call,
    method: string,
    { task, ...params }: JsonObject,
  ): Promise<JsonObject> {
    const mayBegin = tasks !== undefined && method === 'tools/call' && task !== undefined;
    let given: JsonObject = {};
    for (; own.rounds <= MAX_ROUNDS; own.rounds++) {
      own.wire = nextId();
      const sent = introduce(mayBegin ? taking : introduction, { ...params, ...given }, logLevel);
      const answer = await line.ask(own.wire, method, sent, own.caller);
      own.wire = undefined;
      const { result, error } = answer;
      // A refusal of the version is one of the whole request.
      if (isJsonObject(error) && error['code'] === CODES.unsupportedVersion)
        throw new NotServed('it does not know the version any more');
      const type = isJsonObject(result) ? (result['resultType'] ?? 'complete') : 'complete';
      if (type === 'complete') return answer;
      // Only where this very request said that a task is taken: otherwise nobody would follow it.
      if (type === 'task' && mayBegin && isJsonObject(result)) return tasks.begin(result);
      if (type !== 'input_required' || !isJsonObject(result) || !MAY_REQUIRE_INPUT.has(method))
        throw refusal(`the answer is of a type that ${method} does not have`);
      given = await asks.gather(result, id, own.cancelled.signal);
    }
    throw refusal(`the server still asked after ${MAX_ROUNDS} answers`);
  }

  /** It is not the server any more that was asked: a new connection finds out what it is now. */
  function changed(): void {
    const why = new Error('it does not speak the protocol version any more that it spoke');
    // After the call that found out.
    setImmediate(() => events.onClose(why));
  }

  async function answerHere(id: RequestId, method: string, params: JsonObject): Promise<boolean> {
    const { uri, level } = params;
    if (method === 'logging/setLevel') {
      logLevel = typeof level === 'string' ? level : undefined;
    } else if (method === 'resources/subscribe' || method === 'resources/unsubscribe') {
      const problem =
        typeof uri !== 'string'
          ? 'there is no uri'
          : await (method === 'resources/subscribe'
              ? listening.follow(uri)
              : listening.unfollow(uri));
      if (problem !== undefined) {
        const error = { code: -32602, message: `Cannot subscribe: ${problem}` };
        events.onFrame({ jsonrpc: '2.0', id, error });
        return true;
      }
    } else if (method !== 'ping') return false;
    events.onFrame({ jsonrpc: '2.0', id, result: {} });
    return true;
  }

  function notify(method: unknown, params: JsonObject): void {
    if (method === 'notifications/initialized') listening.start();
    if (method !== 'notifications/cancelled') return;
    const { requestId, reason } = params;
    if (typeof requestId !== 'string' && typeof requestId !== 'number') return;
    const own = calls.get(requestId);
    if (!own) return;
    own.cancelled.abort(new Error('cancelled'));
    if (own.wire !== undefined) cancel(own.wire, typeof reason === 'string' ? reason : undefined);
  }

  return {
    welcome: (params) => legacyWelcome(discovered, params),
    async send(frame, caller) {
      const { id, method } = frame;
      const params = isJsonObject(frame['params']) ? frame['params'] : {};
      const asked = typeof id === 'string' || typeof id === 'number';
      if (typeof method === 'string' && asked) {
        if (!(await answerHere(id, method, params))) await request(id, method, params, caller);
      } else if (method !== undefined) notify(method, params);
      else if (asked) asks.answer(id, frame);
    },
    onFrame(frame, cause) {
      const { id, method } = frame;
      const params = isJsonObject(frame['params']) ? frame['params'] : {};
      // Its ids are not the owner's: handed on, an answer nobody asked for could meet a request of the owner's.
      if (method === undefined) {
        events.onUnreadable?.(new Error('a response nobody waits for'));
      } else if (id !== undefined) {
        events.onUnreadable?.(new Error('a modern server sent a request'));
      } else if (!listening.take(method, params)) events.onFrame(frame, ownerOf(cause));
    },
    close() {
      listening.close();
      tasks?.close();
      for (const own of calls.values()) own.cancelled.abort(new Error('the connection was closed'));
    },
  };
}

function refusal(why: string): Denial {
  return new Denial('upstream-failed', `Cannot complete the call: ${why}`);
}
