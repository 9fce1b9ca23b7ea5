import { Denial } from '../../denial.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { ChannelEvents, Frame, OpenChannel } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { NotServed } from '../not-served.ts';
import { inTime } from '../startup.ts';
import { createModernSide, type ModernSide } from './modern-side.ts';
import type { EraMemory } from './era-memory.ts';
import { introduce, introductionOf, judge, type Verdict } from './introduction.ts';
import { openLine, type Line } from './line.ts';

export type EitherEraOptions = {
  /** The server, by a transport that both eras use. */
  readonly open: OpenChannel;
  /** The same server by the transport of 2024-11-05, for one that knows no other (transports, backward compatibility). */
  readonly openSse?: OpenChannel;
  readonly memory: EraMemory;
  /** Milliseconds of silence after `server/discover` until the server is asked with `initialize` as well. */
  readonly probeMs?: number;
};

const PROBE_MS = 1000;
/** The same for a server that has answered before. */
const KNOWN_PROBE_MS = 10_000;
/** A server may answer two questions in the other order: so far apart, or as far as its first answer took. */
const OVERTAKE_MS = 100;
/** How many times the silence after which `initialize` is sent `server/discover` may take once that was refused. */
const PATIENCE = 10;
const DISCOVER = 'sallyport-discover';

/**
 * A channel to a server of either era that speaks the legacy vocabulary to its owner: the owner's `initialize` is when the
 * era is found out (specification 2026-07-28, versioning). Whatever is not an answer of a modern server is a legacy one.
 */
export function openEitherEra(options: EitherEraOptions): OpenChannel {
  return async function openChannel(events, signal) {
    const state: Handshake = { negotiating: false, closed: false };
    state.line = await openOwn(options.open, events, state, signal);

    return {
      async send(frame, caller) {
        if (state.closed || !state.line) throw new Error('Cannot send: the channel is closed');
        const { id, method, params } = frame;
        if (state.modern) await state.modern.send(frame, caller);
        else if (method === 'initialize' && (typeof id === 'string' || typeof id === 'number'))
          await shakeHands(options, events, state, signal, {
            id,
            params: isJsonObject(params) ? params : {},
          });
        else await state.line.send(frame, caller);
      },
      async close() {
        if (state.closed) return;
        state.closed = true;
        // It took too long: what was known of the server may be what it took too long for.
        if (state.negotiating) options.memory.forget();
        state.modern?.close();
        await state.line?.close();
      },
    };
  };
}

type Handshake = {
  line?: Line;
  modern?: ModernSide;
  /** While it is, the end of a line is not the end of the channel. */
  negotiating: boolean;
  closed: boolean;
};

type Hello = { readonly id: RequestId; readonly params: JsonObject };

async function openOwn(
  open: OpenChannel,
  events: ChannelEvents,
  state: Handshake,
  signal: AbortSignal,
): Promise<Line> {
  return await openLine(
    open,
    {
      onFrame: (frame, cause) => (state.modern ?? events).onFrame(frame, cause),
      onUnreadable: (problem, id) => events.onUnreadable?.(problem, id),
      onClose(reason) {
        state.modern?.close();
        if (!state.negotiating) events.onClose(reason);
      },
    },
    signal,
  );
}

async function shakeHands(
  options: EitherEraOptions,
  events: ChannelEvents,
  state: Handshake,
  signal: AbortSignal,
  hello: Hello,
): Promise<void> {
  const { memory, probeMs = PROBE_MS } = options;
  const lastMs = probeMs * PATIENCE;
  state.negotiating = true;
  try {
    const known = memory.era;
    const answer =
      known === 'legacy' || known === 'sse'
        ? await initializeFirst(known)
        : await discoverFirst(known === 'modern' ? KNOWN_PROBE_MS : probeMs);
    state.negotiating = false;
    checkLive();
    events.onFrame(answer);
  } catch (thrown) {
    memory.forget();
    throw thrown;
  } finally {
    state.negotiating = false;
  }

  function checkLive(): void {
    if (state.closed || state.line?.closed === true) throw new Error('the connection was lost');
  }

  /** The line there is, or a new one where the server ended it: some end when they do not know a method. */
  async function freshLine(open = options.open, wanted = false): Promise<Line> {
    const old = state.line;
    if (old && !old.closed && !wanted) return old;
    await old?.close().catch(() => undefined);
    if (state.closed) throw new Error('the connection was lost');
    const line = await openOwn(open, events, state, signal);
    state.line = line;
    if (state.closed) await line.close();
    return line;
  }

  async function discover(line: Line): Promise<Verdict> {
    const params = introduce(introductionOf(hello.params), {});
    try {
      return judge(await line.ask(DISCOVER, 'server/discover', params));
    } catch (thrown) {
      // Who has no credential for it learns nothing of its era, and some servers greet everybody.
      if (thrown instanceof Denial) throw thrown;
      return { era: 'legacy' };
    }
  }

  async function discoverFirst(patienceMs: number): Promise<Frame> {
    const line = await freshLine();
    const asked = discover(line);
    const verdict = await inTime(asked, patienceMs);
    if (verdict === undefined) return await initializeAsWell(line, asked);
    if (verdict.era === 'modern') return becomeModern(line, verdict.discovered);
    if (verdict.era === 'none') throw new Error(verdict.why);
    return await initialize(true);
  }

  /** A slow server, or one that hangs on what it does not know: whichever question it answers says which. */
  async function initializeAsWell(line: Line, asked: Promise<Verdict>): Promise<Frame> {
    let answer: Frame | undefined;
    let refusal: unknown;
    const from = performance.now();
    try {
      answer = await line.ask(hello.id, 'initialize', hello.params);
    } catch (thrown) {
      refusal = thrown;
    }
    const isLegacy = answer !== undefined && isJsonObject(answer['result']);
    const overtakeMs = Math.min(lastMs, Math.max(OVERTAKE_MS, performance.now() - from));
    const verdict = await inTime(asked, isLegacy ? overtakeMs : lastMs);
    if (verdict?.era === 'modern') {
      // How fast it started must not decide what its definitions look like; and to `initialize` it has agreed by now.
      return becomeModern(
        isLegacy ? await freshLine(options.open, true) : line,
        verdict.discovered,
      );
    }
    if (isLegacy && answer) {
      void learnLate(asked);
      return becomeLegacy('legacy', answer);
    }
    line.abandon(DISCOVER);
    if (line.closed || refusal instanceof NotServed) return await initialize(true);
    if (answer) return answer;
    throw refusal;
  }

  /** Over HTTP the two may meet different copies of it, one of them asleep: the next connection knows better. */
  async function learnLate(asked: Promise<Verdict>): Promise<void> {
    const verdict = await asked.catch(() => undefined);
    if (verdict?.era !== 'modern') return;
    memory.forget();
    memory.learn('modern', undefined);
  }

  async function initializeFirst(known: 'legacy' | 'sse'): Promise<Frame> {
    if (known === 'sse' && options.openSse) await freshLine(options.openSse, true);
    let answer: Frame | undefined;
    let refusal: unknown;
    try {
      answer = await initialize(false, known);
      if (isJsonObject(answer['result'])) return answer;
    } catch (thrown) {
      refusal = thrown;
    }
    // What worked before does not any more: it is another server now, perhaps of the other era.
    memory.forget();
    const line = await freshLine(options.open, known === 'sse');
    const verdict = await inTime(discover(line), lastMs);
    line.abandon(DISCOVER);
    if (verdict?.era === 'modern') return becomeModern(line, verdict.discovered);
    if (known === 'sse') return await initialize(true);
    if (answer) return answer;
    throw refusal;
  }

  async function initialize(
    mayTurnToSse: boolean,
    era: 'legacy' | 'sse' = 'legacy',
  ): Promise<Frame> {
    const line = await freshLine(era === 'sse' ? options.openSse : options.open);
    try {
      return becomeLegacy(era, await line.ask(hello.id, 'initialize', hello.params));
    } catch (thrown) {
      if (!mayTurnToSse || !options.openSse || !(thrown instanceof NotServed)) throw thrown;
      await freshLine(options.openSse, true);
      return await initialize(false, 'sse');
    }
  }

  function becomeLegacy(era: 'legacy' | 'sse', answer: Frame): Frame {
    const { result } = answer;
    if (isJsonObject(result)) memory.learn(era, result['serverInfo']);
    return answer;
  }

  function becomeModern(line: Line, discovered: JsonObject): Frame {
    const modern = createModernSide({
      line,
      events,
      introduction: introductionOf(hello.params),
      discovered,
    });
    state.modern = modern;
    const result = modern.welcome(hello.params);
    memory.learn('modern', result['serverInfo']);
    return { jsonrpc: '2.0', id: hello.id, result };
  }
}
