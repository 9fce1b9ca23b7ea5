import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { command } from '../../src/commands/redteam.ts';
import { halvesIn, ordersIn } from './orders.ts';
import { framed } from './frames.ts';
import { order, say, THAT, type Frame } from './scenario.ts';
import { ALL } from './run.ts';
import { PLACEMENTS } from './place.ts';

const FRAMES = [
  'plain', 'polite', 'override', 'system', 'german', 'process', 'hidden', 'base64', 'hex', 'rot13',
] as const satisfies readonly Frame[]; // prettier-ignore

describe('the obedient agent', () => {
  for (const frame of FRAMES)
    test(`finds an order that is ${frame}`, () => {
      const orders = [order('look'), order('send', { to: say('a'), body: `"x " plus ${THAT}` })];
      const want = [
        { tool: 'look', args: {} },
        { tool: 'send', args: { to: [{ text: 'a' }], body: [{ text: 'x ' }, 'that'] } },
      ];
      const [written = ''] = framed(frame, orders);
      for (const read of [written, JSON.stringify({ written })])
        assert.ok(ordersIn(read).some((found) => JSON.stringify(found) === JSON.stringify(want)));
    });
  test('finds none where there is none', () => {
    assert.deepEqual(ordersIn('The offsite is on the third of December. Use a pen.'), []);
  });
  test('finds an order in two halves, and none in one of them', () => {
    const pay = order('pay', { amount: say(1) });
    const [one = '', other = ''] = framed('split', [pay]);
    const wholeIn = (read: string): boolean =>
      JSON.stringify(ordersIn(read)).includes(JSON.stringify(ordersIn(pay)[0]));
    assert.deepEqual([one, other].map(wholeIn), [false, false]);
    const halves = new Map([...halvesIn(one), ...halvesIn(other)]);
    assert.ok(wholeIn(`${halves.get('1')}${halves.get('2')}`));
  });
});

test('there are as many tasks and attacks as the design asks for', () => {
  const tasks = ALL.flatMap((world) => Object.keys(world.tasks));
  const attacks = ALL.flatMap((world) => Object.keys(world.attacks));
  assert.ok(tasks.length >= 40 && attacks.length >= 60 && PLACEMENTS.length >= 3);
});

/** All worlds, tasks and columns; of the attacks those that the seed draws. `sallyport redteam scenarios` runs all. */
test('attacks work without the gateway, and not past labels', { timeout: 600_000 }, async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err] = [text(stdout), text(stderr)];
  const code = await command.run(['scenarios', '--sample', '6'], {
    stdin: Readable.from([]), stdout, stderr, env: process.env, cwd: process.cwd(),
  }); // prettier-ignore
  stdout.end();
  stderr.end();
  assert.equal(`${await err}${code}`, '0', await out);
  assert.match(await out, /attacks that reach their goal \| 100\.0 %/u);
});
