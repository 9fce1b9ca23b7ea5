import assert from 'node:assert/strict';
import { Agent, request as httpRequest, validateHeaderValue, type ClientRequest } from 'node:http';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { isJsonObject, parseJson } from '../../src/lib/json.ts';
import type { Frame } from '../../src/wire/channel.ts';
import { checkSides, FuzzedSide, settled, sidesGate, step } from '../support/fuzzed-sides.ts';
import { startAgent, tokenFor, type RunningAgent } from '../support/http-agent.ts';
import { headersOf, modernRequest } from '../support/modern-frames.ts';

/** Mutated requests; more with `SALLYPORT_FUZZ_CASES`, of all that are fuzzed. */
const CASES = Number(process.env['SALLYPORT_FUZZ_CASES'] ?? '100000') * 0.05;
const REQUESTS_A_RUN = 100;
const MANY = 1000;
/** Every status that an answer here may have. */
const STATUSES = new Set([200, 202, 400, 404, 429]);
const HEADERS = ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-param-place'] as const;
const VALUES = ['', 'x', '2026-07-28', '2025-11-25', 'tools/call', '=?base64?x?=', 'read_echo'];

const changed = fc.option(
  fc.record({
    name: fc.constantFrom(...HEADERS),
    value: fc.option(fc.constantFrom(...VALUES), { nil: undefined }),
  }),
  { freq: 4, nil: undefined },
);
type Changed = { readonly name: string; readonly value: string | undefined };

/** No client can say a line feed in a header. */
function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** The way of one side's frames to the gate and back. */
class Poster {
  readonly #agent: RunningAgent;
  readonly #token: string;
  readonly #sockets = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #streams = new Set<ClientRequest>();
  side: FuzzedSide | undefined;
  change: Changed | undefined;
  waiting = 0;

  constructor(agent: RunningAgent, token: string) {
    this.#agent = agent;
    this.#token = token;
  }

  post(frame: Frame): void {
    const { change } = this;
    this.change = undefined;
    const own = {
      ...headersOf(frame),
      ...(JSON.stringify(frame).includes('"read_header"') && { 'mcp-param-place': 'here' }),
    };
    const entries = Object.entries({ ...own, ...(change && { [change.name]: change.value }) });
    const said = new Map<string, string>();
    for (const [name, value] of entries)
      if (value !== undefined && isSendable(name, value)) said.set(name, value);
    const sent = httpRequest(this.#agent.url, {
      method: 'POST',
      agent: this.#sockets,
      headers: {
        ...Object.fromEntries(said),
        authorization: `Bearer ${this.#token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
      },
    });
    const listens = frame['method'] === 'subscriptions/listen';
    if (listens) this.#streams.add(sent);
    else this.waiting++;
    sent.on('error', (error) => {
      if (!listens) this.#problem(`no answer but ${error.message}`, frame);
    });
    sent.on('close', () => {
      if (!listens) this.waiting--;
    });
    sent.on('response', (answer) => {
      const { statusCode = 0, headers } = answer;
      if (!STATUSES.has(statusCode)) this.#problem(`the status ${statusCode}`, frame);
      let text = '';
      const isStream = headers['content-type'] === 'text/event-stream';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (isStream) text = this.#takeEvents(text);
      });
      answer.on('error', () => undefined);
      answer.on('end', () => {
        if (!isStream && text !== '') this.#hear(text);
      });
    });
    sent.end(JSON.stringify(frame));
  }

  /** Ends what listens. */
  close(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#sockets.destroy();
  }

  #takeEvents(text: string): string {
    const events = text.split('\n\n');
    const rest = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) this.#hear(data);
    }
    return rest;
  }

  #hear(text: string): void {
    const frame = parseJson(text, { maxBytes: 1 << 20, maxDepth: 64 });
    if (isJsonObject(frame)) this.side?.act(() => this.side?.client.hear(frame));
    else this.#problem('what is no frame', { text });
  }

  #problem(what: string, frame: Frame): void {
    this.side?.client.problems.push(`it had ${what} for ${JSON.stringify(frame)}`);
  }
}

test(`${CASES} mutated modern requests over HTTP: nothing breaks, hangs, mixes or passes undecided`, async (context) => {
  const gate = await sidesGate(context);
  const names = ['secret-of-anna', 'secret-of-bert'] as const;
  const tokens = await Promise.all(names.map(async (sub) => await tokenFor({ sub })));
  const sides = new Map<string, FuzzedSide>();
  let decided = 0;

  async function play(
    steps: readonly (readonly [Parameters<FuzzedSide['take']>[0], Changed | undefined])[],
  ): Promise<void> {
    await using agent = await startAgent({
      limits: { graceMs: 1, maxInnerPerCaller: MANY },
      open(options) {
        const side = sides.get(options.caller.subject);
        if (!side) throw new Error('Cannot open for nobody');
        const session = side.act(() => gate.open(options));
        return {
          ...session,
          receive: (frame, agree) => side.act(() => session.receive(frame, agree)),
        };
      },
    });
    const [anna, bert] = [new Poster(agent, tokens[0] ?? ''), new Poster(agent, tokens[1] ?? '')];
    const both = [
      new FuzzedSide(names[0], (frame) => anna.post(frame)),
      new FuzzedSide(names[1], (frame) => bert.post(frame)),
    ] as const;
    [anna.side, bert.side] = both;
    for (const side of both) sides.set(side.client.secret, side);
    gate.granted.length = 0;
    for (const { client } of both) {
      client.say(modernRequest('tools/list', {}, { id: 'first' }));
      assert.ok(await settled(() => client.received.some(({ id }) => id === 'first')), 'no tools');
    }
    for (const [at, [one, change]] of steps.entries()) {
      const [side, other] = one.who === 0 ? both : [both[1], both[0]];
      (one.who === 0 ? anna : bert).change = one.where === 'client' ? change : undefined;
      side.take(one, at + 1, other);
      if (one.pause) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    for (const [side, poster] of [
      [both[0], anna],
      [both[1], bert],
    ] as const) {
      assert.ok(await settled(() => poster.waiting === 0), `no answer: ${side.story()}`);
      side.behave();
      await side.serves();
      poster.close();
    }
    assert.deepEqual(agent.failed, []);
    checkSides(both, gate.granted);
    decided += gate.granted.length;
  }

  const runs = fc.array(fc.tuple(step, changed), {
    minLength: REQUESTS_A_RUN,
    maxLength: REQUESTS_A_RUN,
  });
  await fc.assert(fc.asyncProperty(runs, play), {
    numRuns: Math.ceil(CASES / REQUESTS_A_RUN),
    includeErrorInReport: true,
    // Each try at a smaller case may wait until patience is over.
    endOnFailure: true,
  });
  context.diagnostic(`${decided} of them were decided about and granted`);
  assert.ok(decided > CASES / 50);
});
