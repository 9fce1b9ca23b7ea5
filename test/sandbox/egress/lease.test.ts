import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLease } from '../../../src/sandbox/egress/lease.ts';
import { createLocalEgress } from '../../../src/sandbox/egress/local-egress.ts';
import { EGRESS_LIMITS } from '../../../src/sandbox/egress/meter.ts';
import { scratch } from '../../support/scratch.ts';
import { entries, openOutside } from './outside.ts';

const listening = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'PipeServerWrap').length;

test('a way out that cannot be finished leaves nobody listening, and no folder', async (t) => {
  const parent = join(await scratch(t), 'egress');
  const limits = {
    // Read when the proxy opens, before its files get their modes.
    get bytes(): number {
      rmSync(join(parent, 'lease', 'ca.pem'));
      return EGRESS_LIMITS.bytes;
    },
  };
  const outside = await openOutside(t);
  const options = { ...outside.options(entries([])), limits, folder: () => parent };
  await assert.rejects(openLease('lease', options), /ENOENT.*ca\.pem/u);
  assert.equal(listening(), 0);
  assert.deepEqual(readdirSync(parent), []);
});

test('roots that cannot be read are said by the name of their variable', () => {
  const env = { NODE_EXTRA_CA_CERTS: '/nonexistent/roots.pem' };
  assert.throws(
    () => createLocalEgress({ entries: [], env, folder: '/nonexistent', record: () => undefined }),
    /NODE_EXTRA_CA_CERTS is \/nonexistent\/roots\.pem/u,
  );
});
