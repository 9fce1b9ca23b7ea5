import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from '../support/property.ts';
import { localCaller } from '../../src/identity/local-caller.ts';
import { createAbout } from '../../src/wire/about.ts';
import type { AgentSession } from '../../src/wire/agent.ts';
import { MODERN_LIMITS } from '../../src/wire/modern-agent/modern-agent.ts';
import { createStdioEras } from '../../src/wire/stdio-eras.ts';
import type { ChannelGate } from '../support/channel-gate.ts';
import {
  checkSides,
  FuzzedSide,
  settled,
  sidesGate,
  step,
  type Step,
} from '../support/fuzzed-sides.ts';
import { modernRequest } from '../support/modern-frames.ts';

/** Mutated frames; more with `SALLYPORT_FUZZ_CASES`, of all that are fuzzed. */
const CASES = Number(process.env['SALLYPORT_FUZZ_CASES'] ?? '100000') * 0.45;
const FRAMES_A_RUN = 100;
/** Runs at the same time: each waits now and then. */
const AT_ONCE = 4;
/** More than the fuzzed ones ever are. */
const MANY = 1000;

function createSide(gate: ChannelGate, secret: string): { side: FuzzedSide; agent: AgentSession } {
  const side: FuzzedSide = new FuzzedSide(secret, (frame) => agent.receive(frame));
  const { client } = side;
  const caller = localCaller({ user: secret, groups: [] });
  const agent = side.act(() =>
    createStdioEras({
      who: () => caller,
      open: (options) => side.act(() => gate.open(options)),
      about: createAbout('0'),
      introduce: async () => await Promise.resolve(createAbout('0')),
      limits: { ...MODERN_LIMITS, graceMs: 1, maxInnerPerCaller: MANY },
      write: (frame) => client.hear(frame),
      onRefused: () => undefined,
      onFailed: (thrown) => void client.problems.push(`it failed with ${String(thrown)}`),
    }),
  );
  return { side, agent };
}

/** A gate of its own that plays lists of steps; returns how many calls it granted. */
async function createPlay(
  context: TestContext,
): Promise<(steps: readonly Step[]) => Promise<number>> {
  const gate = await sidesGate(context);
  return async function play(steps) {
    const anna = createSide(gate, 'secret-of-anna');
    const bert = createSide(gate, 'secret-of-bert');
    const sides = [anna.side, bert.side] as const;
    gate.granted.length = 0;
    for (const { client } of sides) {
      client.say(modernRequest('tools/list', {}, { id: 'first' }));
      assert.ok(await settled(() => client.received.some(({ id }) => id === 'first')), 'no tools');
    }
    for (const [at, one] of steps.entries()) {
      const [side, other] = one.who === 0 ? sides : [sides[1], sides[0]];
      side.take(one, at + 1, other);
      if (one.pause) await Promise.resolve();
      if (one.base % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    for (const side of sides) {
      const { client } = side;
      const answered = await settled(() => client.unanswered.length === 0);
      assert.ok(answered, `no answer to ${JSON.stringify(client.unanswered)}: ${side.story()}`);
      side.behave();
      await side.serves();
    }
    await Promise.all([anna.agent.close(), bert.agent.close()]);
    checkSides(sides, gate.granted);
    return gate.granted.length;
  };
}

test(`${CASES} mutated frames through both translators: nothing breaks, hangs, mixes or passes undecided`, async (context) => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  context.after(() => process.off('unhandledRejection', note));
  let decided = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const play = await createPlay(context);
      const runs = fc.array(step, { minLength: FRAMES_A_RUN, maxLength: FRAMES_A_RUN });
      await fc.assert(
        fc.asyncProperty(runs, async (steps) => {
          decided += await play(steps);
          assert.deepEqual(rejections, []);
        }),
        {
          numRuns: Math.ceil(CASES / FRAMES_A_RUN / AT_ONCE),
          includeErrorInReport: true,
          // Each try at a smaller case may wait until patience is over.
          endOnFailure: true,
        },
      );
    }),
  );
  context.diagnostic(`${decided} of them were decided about and granted`);
  assert.ok(decided > CASES / 50);
});
