import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import type { About } from './about.ts';
import type { AgentPort, AgentSession, OpenAgentSession } from './agent.ts';
import type { Frame } from './channel.ts';
import { classify, problemCode, type Classified, type RequestId } from './frames.ts';
import { LEGACY_VERSIONS } from './methods.ts';
import {
  claimsModern,
  malformedMeta,
  readEnvelope,
  shakesHands,
  unsupported,
} from './modern-agent/envelope.ts';
import { createModernAgent, type ModernAgentLimits } from './modern-agent/modern-agent.ts';
import { ModernRefusal } from './modern-agent/refusal.ts';
import { META, MODERN_VERSIONS, claimedVersion } from './modern/meta.ts';
import { errorFrame, problemFrame } from './reply.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';

/** A message that became nothing; for the audit. */
export type RefusedFrame = {
  readonly reason: string;
  readonly method?: string;
  readonly code?: number;
};

export type StdioErasOptions = {
  /** Who sits there now: always the same person. Throws `Denial` where nobody does any more. */
  readonly who: () => Caller;
  readonly open: OpenAgentSession;
  readonly about: About;
  readonly introduce: (caller: Caller) => Promise<About>;
  readonly limits: ModernAgentLimits;
  readonly write: (frame: Frame) => void;
  readonly onRefused: (refused: RefusedFrame) => void;
  readonly onFailed: (thrown: unknown) => void;
};

type Request = Extract<Classified, { kind: 'request' }>;

/** How often it is looked whether something was idle for too long. */
const TICK_MS = 15_000;

/**
 * The one client of a process, in the era it opens with: `initialize` is legacy for good, a modern request modern for good
 * (MCP 2026-07-28, versioning). `server/discover` alone decides nothing: who asks it may still fall back.
 */
export function createStdioEras(options: StdioErasOptions): AgentSession {
  const { write } = options;
  let caller = options.who();
  let era: 'legacy' | 'modern' | undefined;
  let send: AgentPort['send'] = write;
  // Opened before anybody asks: its servers start while the client introduces itself, in whichever era.
  const early = options.open({
    caller,
    transport: 'stdio',
    isInner: () => era === 'modern',
    port: { send: (frame, related) => send(frame, related) },
  });
  const modern = createModernAgent({
    about: options.about,
    introduce: options.introduce,
    limits: options.limits,
    onFailed: options.onFailed,
    open({ caller: of, port, prefix }) {
      if (era !== undefined)
        return options.open({ caller: of, port, transport: 'stdio', isInner: () => true });
      era = 'modern';
      // An answer to what was asked before the era was known goes to who asked it.
      send = (frame, related) => {
        const { id, method } = frame;
        const isOwn = typeof id === 'string' && id.startsWith(prefix);
        if (method === undefined && !isOwn) write(frame);
        else port.send(frame, related);
      };
      return early;
    },
  });
  const inFlight = new Map<RequestId, () => void>();
  const timer = setInterval(() => modern.tick(), TICK_MS).unref();

  /** An audit that cannot be written must not end the process here: calls are refused because of it. */
  function note({ method, ...refused }: RefusedFrame): void {
    try {
      options.onRefused({ ...refused, ...(method ? { method: method.slice(0, 128) } : {}) });
    } catch (thrown) {
      options.onFailed(thrown);
    }
  }

  function refuse(problem: Error): void {
    note({ reason: problem.message, code: problemCode(problem).code });
    write(problemFrame(problem));
  }

  function refuseRequest({ id, method }: Request, refusal: ModernRefusal): void {
    note({ reason: refusal.message, method, code: refusal.rpc });
    write(errorFrame(id, refusal.rpc, refusal.message, refusal.data));
  }

  function serve(request: Request): void {
    const { id, method, params } = request;
    try {
      if (inFlight.has(id))
        throw new ModernRefusal('id-in-use', 'Cannot accept the request: its id is in use');
      if (shakesHands(method, params)) throw unsupported(shakenVersion(params), MODERN_VERSIONS);
      if (!claimsModern(params)) throw malformedMeta(META.version);
      const meta = readEnvelope(params);
      let done = false;
      const cancel = modern.request(
        { caller, method, params, meta },
        {
          id,
          notify: write,
          answer(frame) {
            done = true;
            inFlight.delete(id);
            write(frame);
          },
        },
      );
      if (!done) inFlight.set(id, cancel);
    } catch (thrown) {
      if (!(thrown instanceof ModernRefusal)) throw thrown;
      refuseRequest(request, thrown);
    }
  }

  function take(message: Exclude<Classified, Request>): void {
    if (message.kind === 'response') {
      note({ reason: 'a response nobody waits for' });
      return;
    }
    const { method, params } = message;
    const { requestId: id } = params;
    const cancel = typeof id === 'string' || typeof id === 'number' ? inFlight.get(id) : undefined;
    if (method !== 'notifications/cancelled' || cancel === undefined) {
      note({ reason: 'a notification of nothing that is in flight', method });
      return;
    }
    if (typeof id === 'string' || typeof id === 'number') inFlight.delete(id);
    cancel();
  }

  /** Asked of every message: a token that ends must not live on in the process that was started with it. */
  function isSomebody(frame: Frame): boolean {
    try {
      const present = options.who();
      if (present !== caller) early.renew?.(present);
      caller = present;
      return true;
    } catch (thrown) {
      const { id, method } = frame;
      const denial = Denial.from(thrown);
      // What takes something back needs nobody's leave.
      if (method === 'notifications/cancelled') return true;
      note({
        reason: denial.message,
        code: denial.rpc,
        ...(typeof method === 'string' ? { method } : {}),
      });
      if (typeof method === 'string' && (typeof id === 'string' || typeof id === 'number'))
        write(errorFrame(id, denial.rpc, `${denial.message}\nHint: ${denial.hint ?? ''}`));
      return false;
    }
  }

  function receive(frame: Frame): void {
    if (!isSomebody(frame)) return;
    const params = isJsonObject(frame['params']) ? frame['params'] : {};
    if (era !== 'modern' && !claimsModern(params)) {
      if (frame['method'] === 'initialize') era = 'legacy';
      early.receive(frame);
      return;
    }
    let message: Classified;
    try {
      message = classify(frame);
    } catch (thrown) {
      refuse(thrown instanceof Error ? thrown : new Error('unreadable'));
      return;
    }
    if (message.kind !== 'request') take(message);
    else if (era === 'legacy')
      // The session is the legacy client's: nothing reaches it that says it is of another era.
      refuseRequest(message, unsupported(claimedVersion(params) ?? '', LEGACY_VERSIONS));
    else serve(message);
  }

  return {
    receive,
    refuse(problem) {
      if (era === 'modern') refuse(problem);
      else early.refuse(problem);
    },
    async close() {
      clearInterval(timer);
      await Promise.all([modern.close(), early.close()]);
    },
  };
}

/** What a handshake asks for: where it says nothing of this era, in the words of its own. */
function shakenVersion(params: JsonObject): string {
  const asked = claimedVersion(params) ?? params['protocolVersion'];
  return typeof asked === 'string' ? asked : '';
}
