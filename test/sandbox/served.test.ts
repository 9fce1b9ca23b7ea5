import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createServedBy } from '../../src/sandbox/served.ts';

const SAID = {
  path: 'hot',
  tier: 'gvisor',
  driver: 'runsc through Docker',
  sandboxId: 'c0ffee',
  stdout: '{"tier":"microvm"}',
};
const SERVED = { path: 'hot', tier: 'gvisor', driver: 'runsc through Docker', id: 'c0ffee' };
const servedBy = createServedBy([{ name: 'code', isOwn: true }, { name: 'other' }]);

for (const [name, server, result, want] of [
  ['the own server', 'code', { structuredContent: SAID }, SERVED],
  ['another server in its words', 'other', { structuredContent: SAID }, undefined],
  ['an error', 'code', { isError: true, content: [] }, undefined],
  ['a tier that is none', 'code', { structuredContent: { ...SAID, tier: 'moon' } }, undefined],
] as const satisfies readonly (readonly [string, string, JsonObject, object | undefined])[])
  test(`of ${name} the audit gets ${want ? 'which sandbox it was' : 'nothing'}`, () => {
    assert.deepEqual(servedBy(server, result), want);
  });
