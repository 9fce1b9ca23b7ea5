import { randomBytes } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import { jsonSize } from '../../lib/json-size.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { inputKey } from '../input-key.ts';
import { atLeast } from '../log-levels.ts';
import { knowsTasks, MAY_REQUIRE_INPUT, META, type RequestMeta } from '../modern/meta.ts';
import { byNow } from '../in-wait.ts';
import { errorFrame } from '../reply.ts';
import type { Exchange } from './exchange.ts';
import { fits, inputRequest, mayAsk, type Question } from './questions.ts';
import { missingTasks } from './envelope.ts';
import { pagesToOpen } from './pages-to-open.ts';
import { createdTask, toModern } from './to-modern.ts';

/** One request of the client that waits: for its answer, or for the ones of what it was asked. */
export type Turn = {
  readonly exchange: Exchange;
  readonly meta: RequestMeta;
  readonly progressToken: JsonObject[string];
  /** What the client says already, by the keys of the questions. */
  readonly responses: Map<string, JsonObject>;
};

export type ModernCallOptions = {
  readonly method: string;
  readonly serverInfo: JsonObject;
  /** Milliseconds in which further questions join the first. */
  readonly graceMs: number;
  /** Bytes of an answer that came while nobody waited for it. */
  readonly maxKeptBytes: number;
  /** Of the resource that is read. */
  readonly uri: JsonValue | undefined;
  readonly definition: () => JsonObject | undefined;
  /** Answers a request of the router's. */
  readonly respond: (frame: Frame) => void;
  /** Takes the request back from the router. */
  readonly abandon: () => void;
  /** Keeps the call until its retry; `undefined`: there is no room. */
  readonly park: (call: ModernCall) => string | undefined;
  /** Takes room for an answer that nobody waits for yet; returns what gives it back. `undefined`: there is none. */
  readonly keep: (bytes: number) => (() => void) | undefined;
  /** The task as which the call goes on after its answer. */
  readonly task: () => JsonObject | undefined;
  /** Nobody will ever know of this task. */
  readonly forsake: (task: JsonObject) => void;
};

/** A call to the router that may outlive the request which began it, while a person thinks. */
export interface ModernCall {
  /** Of what is called, once it was looked at; the headers of a retry have to agree with it too. */
  readonly definition: JsonObject | undefined;
  /** Takes up the call with another request. */
  resume(turn: Turn): void;
  /** A notification that belongs to it. */
  notify(frame: Frame): void;
  ask(question: Question): void;
  /** The router does not want to know any more. `false`: it was not asked here. */
  withdraw(id: RequestId): boolean;
  /** The router's answer. */
  settle(frame: Frame): void;
  /** Nobody waits for it any more. */
  cancel(): void;
}

/** What legacy servers say, and what the gate and this era say. */
const NOT_FOUND: ReadonlySet<unknown> = new Set([-32002, -32602]);
const MAX_QUESTIONS = 16;

export function createModernCall(options: ModernCallOptions, first: Turn): ModernCall {
  const { method, serverInfo } = options;
  const open = new Map<string, Question>();
  let turn = first;
  let waiting = true;
  let kept: Frame | undefined;
  let free: (() => void) | undefined;
  let over = false;
  let grace: NodeJS.Timeout | undefined;

  function release(): void {
    free?.();
    free = undefined;
    kept = undefined;
  }

  /** One that is not there is named in the data (resources, error handling): the same for one that is hidden. */
  function namingResource(frame: Frame): Frame {
    const { error } = frame;
    const { uri } = options;
    if (uri === undefined || !isJsonObject(error) || error['data'] !== undefined) return frame;
    return NOT_FOUND.has(error['code']) ? { ...frame, error: { ...error, data: { uri } } } : frame;
  }

  function refuse({ id }: Question, why: string): void {
    options.respond(errorFrame(id, -32601, `Cannot ask the client: ${why}`));
  }

  /** One server's question may come to another call of it: whoever asked must not wait for what nobody will answer. */
  function refuseOpen(): void {
    for (const question of open.values()) refuse(question, 'the request it was put to is over');
    open.clear();
  }

  function finish(frame: Frame): void {
    over = true;
    clearTimeout(grace);
    refuseOpen();
    waiting = false;
    const task = options.task();
    const { id } = turn.exchange;
    if (task !== undefined) turn.exchange.answer(handle(id, task));
    else if (!putPages(frame))
      turn.exchange.answer(toModern(method, id, namingResource(frame), serverInfo));
  }

  /** The request that is answered has to know tasks, and a retry may not, whatever the first one said. */
  function handle(id: RequestId, task: JsonObject): Frame {
    if (knowsTasks(turn.meta.capabilities)) return createdTask(id, task, serverInfo);
    options.forsake(task);
    const { rpc, message, data } = missingTasks();
    return errorFrame(id, rpc, message, data);
  }

  /** The call can be made again when a person has opened what it needs: a retry, with nothing to take up. */
  function putPages(frame: Frame): boolean {
    const inputRequests = MAY_REQUIRE_INPUT.has(method) ? pagesToOpen(frame, turn) : undefined;
    if (inputRequests === undefined) return false;
    const { exchange } = turn;
    exchange.answer(inputRequired(exchange.id, { inputRequests }));
    return true;
  }

  function inputRequired(id: RequestId, asks: JsonObject): Frame {
    const _meta = { [META.serverInfo]: serverInfo };
    return { jsonrpc: '2.0', id, result: { resultType: 'input_required', ...asks, _meta } };
  }

  /** Answers what the client has said already, and puts the rest to it. */
  function put(): void {
    if (!waiting || over || open.size === 0) return;
    const state = options.park(call);
    if (state === undefined) {
      for (const question of open.values()) refuse(question, 'too many calls wait for an answer');
      open.clear();
      return;
    }
    waiting = false;
    const inputRequests = Object.fromEntries(
      [...open].map(([key, question]) => [key, inputRequest(question)]),
    );
    const { exchange } = turn;
    exchange.answer(inputRequired(exchange.id, { inputRequests, requestState: state }));
  }

  /** More than one may be asked at once, and the client should see them together. */
  function putSoon(): void {
    clearTimeout(grace);
    grace = setTimeout(put, options.graceMs);
  }

  /** Gives a question its response. `false`: there is none, or it is none for this question. */
  function answer(key: string, question: Question): boolean {
    const response = turn.responses.get(key);
    if (response === undefined || !fits(question, response)) return false;
    turn.responses.delete(key);
    options.respond({ jsonrpc: '2.0', id: question.id, result: response });
    return true;
  }

  const call: ModernCall = {
    get definition() {
      return options.definition();
    },
    resume(next) {
      turn = next;
      waiting = true;
      if (kept !== undefined) {
        finish(byNow(kept));
        release();
        return;
      }
      for (const [key, question] of open) if (answer(key, question)) open.delete(key);
      if (open.size > 0) putSoon();
    },
    notify(frame) {
      if (!waiting) return;
      const params = isJsonObject(frame['params']) ? frame['params'] : {};
      if (frame['method'] === 'notifications/message') {
        const { logLevel } = turn.meta;
        // A request that names no level gets no messages (logging).
        if (logLevel !== undefined && atLeast(params['level'], logLevel))
          turn.exchange.notify(frame);
      } else if (turn.progressToken !== undefined)
        turn.exchange.notify({
          ...frame,
          params: { ...params, progressToken: turn.progressToken },
        });
    },
    ask(question) {
      if (!MAY_REQUIRE_INPUT.has(method)) refuse(question, `${method} may not ask`);
      else if (!mayAsk(turn.meta.capabilities, question))
        refuse(question, 'it has not declared that it can answer this');
      else if (open.size >= MAX_QUESTIONS) refuse(question, 'it is asked too much at once');
      else {
        const key = keyFor(question, open);
        if (answer(key, question)) return;
        open.set(key, question);
        putSoon();
      }
    },
    withdraw(id) {
      for (const [key, question] of open)
        if (question.id === id) {
          open.delete(key);
          return true;
        }
      return false;
    },
    settle(frame) {
      if (over) return;
      if (waiting) {
        finish(frame);
        return;
      }
      over = true;
      refuseOpen();
      const { bytes } = jsonSize(frame, options.maxKeptBytes);
      if (bytes <= options.maxKeptBytes) free = options.keep(bytes);
      kept =
        free !== undefined
          ? frame
          : errorFrame(null, -32603, 'Cannot keep the result: it came before the answer');
    },
    cancel() {
      const task = kept === undefined ? undefined : options.task();
      clearTimeout(grace);
      waiting = false;
      release();
      if (task !== undefined) options.forsake(task);
      if (over) return;
      over = true;
      refuseOpen();
      options.abandon();
    },
  };
  return call;
}

/**
 * The server's own key where it has one (a modern server), so that a client may bring the response with the first request.
 * Otherwise one that nobody can know before: what the gate itself asks must be seen to be answered.
 */
function keyFor({ params }: Question, taken: ReadonlyMap<string, Question>): string {
  const own = inputKey(params);
  return own !== undefined && own !== '' && !taken.has(own)
    ? own
    : randomBytes(12).toString('base64url');
}
