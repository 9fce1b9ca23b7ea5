import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GET_THROUGH, runWithDefaults } from './control.ts';
import { noDocker, openSandbox, run } from './support.ts';
import { checkContained, readVectors } from './vectors.ts';

describe('the list of attacks can fail', { skip: noDocker }, () => {
  const sandbox = openSandbox({ only: 'gvisor', tiers: { gvisor: ['docker'] } });
  // It makes the image.
  before(async () => void (await run(sandbox, { code: '' })));
  after(async () => await sandbox.close());

  for (const vector of readVectors().filter(({ name }) => GET_THROUGH.includes(name)))
    test(`${vector.name} gets through with Docker’s defaults and runc`, async () => {
      const seen = await runWithDefaults(vector);
      assert.throws(() => checkContained(vector, seen), /BREACH/u, seen.stdout);
    });
});
