import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as z from 'zod';
import { asStranger, isRoot, modulePath, ownCache } from './stranger.ts';
import { checkContained, readVectors, seenSchema } from './vectors.ts';
import { WAYS } from './ways.ts';

/** Three at a time, as in abuse.test.ts: what was seen of each, a line of JSON. */
const RUNS_ALL = `
const { openWay } = await import(process.env.WAYS);
const { programOf, readVectors } = await import(process.env.VECTORS);
const { run } = await import(process.env.SUPPORT);
const sandbox = openWay(process.env.NAME, { cache: process.env.TEST_CACHE });
const waiting = readVectors();
const failed = (error) => ({ stdout: '', ended: String(error), exitCode: -1 });
await Promise.all([1, 2, 3].map(async () => {
  for (let vector = waiting.shift(); vector; vector = waiting.shift()) {
    const { stdout, ended, exitCode, outputs } = await run(sandbox, programOf(vector)).catch(failed);
    console.log(JSON.stringify({ name: vector.name, stdout, ended, exitCode, outputs }));
  }
}));
await sandbox.close();
`;

const lines = z.array(seenSchema.extend({ name: z.string() }));

// abuse.test.ts is this user's already where the tests do not run as root.
if (isRoot)
  for (const name of ['runsc', 'bubblewrap'] as const)
    describe(
      `abuse by a user without rights: ${WAYS[name].title}`,
      {
        skip: WAYS[name].missing,
      },
      () => {
        test('every attack is contained, or is told not to be', async (t) => {
          const cache = await ownCache(['bash', 'python', 'node']);
          t.after(() => rmSync(cache, { recursive: true, force: true }));
          const said = await asStranger(cache, RUNS_ALL, {
            NAME: name,
            WAYS: modulePath('ways'),
            VECTORS: modulePath('vectors'),
            SUPPORT: modulePath('support'),
          });
          const parts = said.trim().split('\n');
          const seen = new Map(
            lines
              .parse(parts.map((line): unknown => JSON.parse(line)))
              .map((one) => [one.name, one]),
          );
          for (const vector of readVectors())
            await t.test(vector.name, () => {
              const result = seen.get(vector.name);
              assert.ok(result, `it was not run: ${said.slice(-2000)}`);
              if (!Object.hasOwn(WAYS[name].fails, vector.name)) checkContained(vector, result);
            });
        });
      },
    );
