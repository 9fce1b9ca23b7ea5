import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { GRACE_MS } from '../../src/sandbox/limits.ts';
import { run } from './support.ts';
import { checkContained, programOf, readVectors } from './vectors.ts';
import { NAMES, openWay, WAYS } from './ways.ts';

const REMOVAL_MS = 240_000;

for (const name of NAMES)
  describe(`abuse: ${WAYS[name].title}`, { skip: WAYS[name].missing, concurrency: 3 }, () => {
    const { left, tier, fails } = WAYS[name];
    const said: string[] = [];
    const sandbox = openWay(name, { log: (line) => said.push(line) });
    const ids: string[] = [];

    for (const vector of readVectors().filter((each) => !Object.hasOwn(fails, each.name)))
      test(`${vector.name} is contained`, async () => {
        const { timeoutMs } = vector;
        const result = await run(sandbox, programOf(vector));
        ids.push(result.sandboxId);
        assert.equal(result.tier, tier);
        checkContained(vector, result);
        // That much a busy machine may take to end it.
        assert.ok(result.durationMs < timeoutMs + GRACE_MS);
      });

    after(async () => {
      const { stdout } = await run(sandbox, { language: 'bash', code: 'echo still here' });
      await sandbox.close();
      assert.equal(stdout, 'still here\n');
      // A removal that a busy engine says is in progress may outlast our patience; it still has to come to its end.
      const deadline = performance.now() + REMOVAL_MS;
      let rest = await left(ids);
      while (rest.length > 0 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        rest = await left(ids);
      }
      assert.deepEqual(rest, [], said.join('\n'));
    });
  });
