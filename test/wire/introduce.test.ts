import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessions } from '../../src/session.ts';
import { createAbout } from '../../src/wire/about.ts';
import { createIntroduce } from '../../src/wire/introduce.ts';
import { subjectOf } from '../policy/support.ts';

const caller = {
  issuer: 'local',
  subject: 'alice',
  client: 'local',
  groups: [],
  scopes: [],
  assurance: 0,
};

test('what cannot be read of the servers leaves out their words, not the gate', async () => {
  const about = createAbout('0');
  const failed: unknown[] = [];
  const full = new Error('the disk is full');
  const introduce = createIntroduce({
    about,
    servers: ['fs'],
    single: true,
    separator: '__',
    lock: {
      rows: () => {
        throw full;
      },
      revision: () => 1,
      broken: () => undefined,
    },
    readAccepted: async () => await Promise.resolve(new Map()),
    scan: () => assert.fail(),
    nonce: () => 'n',
    ready: Promise.resolve(),
    visible: () => [subjectOf()],
    record: () => assert.fail(),
    onFailed: (thrown) => failed.push(thrown),
  });
  assert.deepEqual(await introduce(createSessions().open(caller)), about);
  assert.deepEqual(failed, [full]);
});
