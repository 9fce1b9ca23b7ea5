import { CALL_METHODS, type Caller, type CallMethod, type Reply, type Session } from '../call.ts';
import { Denial } from '../denial.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import type { Message, RunCall } from '../pipeline.ts';
import type { About } from './about.ts';
import type { AgentPort, AgentSession, Aside, Extension } from './agent.ts';
import type { Frame } from './channel.ts';
import { classify, FrameError, problemCode, type Classified, type RequestId } from './frames.ts';
import type { List } from './lists.ts';
import { isLogLevel, LOG_LEVELS } from './log-levels.ts';
import { CLIENT_NOTIFICATIONS, CLIENT_REQUESTS, LEGACY_VERSIONS, treatment } from './methods.ts';
import type { Pending } from './pending.ts';
import type { AgentTasks, TaskMethod, TaskRequest } from './tasks/agent-tasks.ts';
import type { Refused } from './refused.ts';
import { denialFrame, errorFrame, problemFrame, resultFrame } from './reply.ts';
import type { Kind } from '../catalogue/definition.ts';

type Request = Extract<Classified, { kind: 'request' }>;
type Notification = Extract<Classified, { kind: 'notification' }>;

/** What the router needs of the rest of the gate; one set per client connection. */
export type RouterOptions = {
  readonly session: Session;
  /** The session of the same caller with other groups or scopes. */
  readonly renew: (caller: Caller) => Session;
  /** The same for one request. */
  readonly sessionOf: (caller: Caller) => Session;
  readonly port: AgentPort;
  /** What the client is told in its handshake. */
  readonly introduce: () => Promise<About>;
  /** Nothing but the handshake is answered before. */
  readonly ready: Promise<void>;
  /** The pipeline. */
  readonly run: RunCall;
  /** The answer that a reply is. */
  readonly answerOf: (id: RequestId, reply: Reply) => Frame;
  readonly list: List;
  /** `resources/subscribe` and `resources/unsubscribe`; decided like a read. */
  readonly subscribe: (
    method: string,
    message: Omit<Message, 'method'>,
    signal: AbortSignal,
  ) => Promise<Reply>;
  readonly tasks: Pick<AgentTasks, 'begin' | 'answer' | 'look' | 'drop'>;
  readonly setLevel: (params: JsonObject) => Promise<void>;
  /** The client has introduced itself: upstreams may be shaken hands with. */
  readonly onInitialize: (params: JsonObject) => void;
  readonly onInitialized: () => void;
  /** A notification for every upstream. */
  readonly relay: (method: string, params: JsonObject) => void;
  /** Requests of the gateway and the upstreams that wait for this client. */
  readonly pending: Pending;
  /** Writes what was refused before it became a call. Returns the trace id. */
  readonly onRefused: Refused;
  readonly onClose: () => Promise<void>;
};

const LISTS = {
  'tools/list': 'tool',
  'resources/list': 'resource',
  'resources/templates/list': 'resourceTemplate',
  'prompts/list': 'prompt',
} as const satisfies Record<string, Kind>;

const TASK_METHODS = ['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel'] as const;

const MAX_IN_FLIGHT = 1000;

/** One client connection: every frame it sends finds its row in the method table, or is refused. */
export function createAgentSession(options: RouterOptions): AgentSession {
  const { port, pending } = options;
  let { session } = options;
  const inFlight = new Map<RequestId, AbortController>();
  let version: string | undefined;
  let closed = false;

  function receive(frame: Frame, aside: Aside = {}): void {
    if (closed) return;
    let message: Classified;
    try {
      message = classify(frame);
    } catch (thrown) {
      refuse(thrown instanceof Error ? thrown : new FrameError('Cannot accept the message'));
      return;
    }
    if (message.kind === 'request') void answer(message, aside);
    else if (message.kind === 'notification') take(message);
    else if (!pending.settle(message.id, message.frame))
      options.onRefused('a response nobody waits for');
  }

  function refuse(problem: Error, method?: string): void {
    options.onRefused(problem.message, { method, code: problemCode(problem).code });
    port.send(problemFrame(problem));
  }

  async function answer(request: Request, aside: Aside): Promise<void> {
    const { id, method } = request;
    if (inFlight.has(id)) {
      refuse(new FrameError('Cannot accept the request: its id is in use', id), method);
      return;
    }
    const controller = new AbortController();
    inFlight.set(id, controller);
    try {
      if (inFlight.size > MAX_IN_FLIGHT)
        throw new Denial(
          'rate-limited',
          `Cannot accept the request: ${MAX_IN_FLIGHT} are in flight`,
        );
      const reply = await handle(request, controller.signal, aside);
      // MCP, cancellation: a cancelled request gets no answer.
      if (!controller.signal.aborted) port.send(reply, id);
    } catch (thrown) {
      if (thrown instanceof FrameError) {
        refuse(thrown, method);
        return;
      }
      const denial = Denial.from(thrown);
      const traceId =
        denial.traceId ?? options.onRefused(denial.message, { method, code: denial.code });
      if (!controller.signal.aborted) port.send(denialFrame(id, method, denial, traceId), id);
    } finally {
      inFlight.delete(id);
    }
  }

  async function handle(
    { id, method, params }: Request,
    signal: AbortSignal,
    { agree, extension }: Aside,
  ): Promise<Frame> {
    const row = treatment(CLIENT_REQUESTS, method);
    if (row === undefined) {
      options.onRefused('a method that is not in the table', { method, code: -32601 });
      return errorFrame(id, -32601, `Method not found: ${method}`);
    }
    if (row === 'answer') return resultFrame(id, {});
    if (row === 'open') return resultFrame(id, await initialize(id, params));
    if (version === undefined)
      throw new FrameError('Cannot accept the request: initialize comes first', id);
    await options.ready;
    if (row === 'broadcast') {
      if (!isLogLevel(params['level']))
        throw new Denial(
          'arguments-invalid',
          `Cannot set the level: it is none of ${LOG_LEVELS.join(', ')}`,
        );
      await options.setLevel(params);
      return resultFrame(id, {});
    }
    if (row === 'task' && extension !== undefined)
      return await extended(method, { id, session, params }, extension);
    if (row === 'task')
      return await options.tasks.answer(taskMethod(method), { id, session, params }, signal);
    const onTask = extension?.onTask;
    if (method === 'tools/call' && (params['task'] !== undefined || onTask !== undefined))
      return await options.tasks.begin(
        { id, session, params, ...(agree ? { agree } : {}) },
        signal,
        onTask,
      );
    if (row === 'subscribe')
      return options.answerOf(id, await options.subscribe(method, { id, session, params }, signal));
    if (row === 'filter')
      return resultFrame(id, await options.list(session, kindOf(method), params));
    return options.answerOf(
      id,
      await options.run(
        { id, session, method: callMethod(method), params, ...(agree ? { agree } : {}) },
        signal,
      ),
    );
  }

  async function extended(
    method: string,
    request: TaskRequest,
    { caller }: Extension,
  ): Promise<Frame> {
    const ofNow = { ...request, session: options.sessionOf(caller) };
    if (method === 'tasks/get') return resultFrame(request.id, await options.tasks.look(ofNow));
    if (method !== 'tasks/cancel')
      throw new TypeError(`Cannot answer ${method}: the extension has no such method`);
    options.tasks.drop(ofNow);
    return resultFrame(request.id, {});
  }

  async function initialize(id: RequestId, params: JsonObject): Promise<JsonObject> {
    if (version !== undefined) throw new FrameError('Cannot initialize: that was done already', id);
    if (!isJsonObject(params['capabilities']) || !isJsonObject(params['clientInfo']))
      throw new Denial(
        'arguments-invalid',
        'Cannot initialize: capabilities and clientInfo are needed',
      );
    const asked = params['protocolVersion'];
    version = LEGACY_VERSIONS.find((known) => known === asked) ?? LEGACY_VERSIONS[0];
    options.onInitialize({ ...params, protocolVersion: version });
    return { protocolVersion: version, ...(await options.introduce()) };
  }

  function take({ method, params }: Notification): void {
    const row = treatment(CLIENT_NOTIFICATIONS, method);
    if (row === 'cancel') {
      const id = params['requestId'];
      const working =
        typeof id === 'string' || typeof id === 'number' ? inFlight.get(id) : undefined;
      // An answer may have crossed it on the way (MCP, cancellation), so it is written down and nothing more.
      if (!working) options.onRefused('a cancellation of nothing that is in flight', { method });
      working?.abort(
        new Denial('upstream-failed', 'Cannot complete the call: the client cancelled it', {
          cause: params['reason'],
        }),
      );
    } else if (row === 'progress') {
      if (!pending.progress(params))
        options.onRefused('progress of a request that is not in flight', { method });
    } else if (row === 'relay') options.relay(method, params);
    else if (row === 'answer') options.onInitialized();
    else options.onRefused('a notification that is not in the table', { method });
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    const reason = new Denial(
      'upstream-failed',
      'Cannot complete the call: the session is closing',
    );
    for (const controller of inFlight.values()) controller.abort(reason);
    pending.close(reason);
    await options.onClose();
  }

  return {
    receive,
    refuse,
    close,
    renew(caller) {
      session = options.renew(caller);
    },
  };
}

function kindOf(method: string): Kind {
  const kind = treatment(LISTS, method);
  if (kind === undefined) throw new TypeError(`Cannot list with ${method}`);
  return kind;
}

function taskMethod(method: string): TaskMethod {
  const known = TASK_METHODS.find((name) => name === method);
  if (known === undefined) throw new TypeError(`Cannot answer ${method}: it is not about tasks`);
  return known;
}

function callMethod(method: string): CallMethod {
  const known = CALL_METHODS.find((name) => name === method);
  if (known === undefined) throw new TypeError(`Cannot run ${method}: not a call`);
  return known;
}
