import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '../../src/call.ts';
import { parseLock } from '../../src/catalogue/lock-file.ts';
import { Fault } from '../../src/lib/fault.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createHeed, createIsTrusted } from '../../src/open-suspicion.ts';
import { createScanJson } from '../../src/scan/scan-json.ts';
import { createScan } from '../../src/scan/scan.ts';
import { createSessions } from '../../src/session.ts';

const entry = (source: readonly string[], reviewed: boolean): object => ({
  hash: `sha256:${'0'.repeat(64)}`, classes: ['read'], dataClass: 1, source, sink: [], reviewed,
}); // prettier-ignore

/** What the owner has accepted of each server. */
const SERVERS = {
  house: { tools: { a: entry(['private'], true) } },
  mail: { tools: { a: entry([], true), read: entry(['untrusted'], true) } },
  half: { tools: { a: entry([], true) }, resources: { 'x://y': entry([], false) } },
};
const rows = [
  ...parseLock(Buffer.from(JSON.stringify({ version: 1, servers: SERVERS })), 'lock').values(),
];
const lock = {
  rows: (of: string) => rows.filter(({ server }) => server === of),
  broken: () => undefined,
};
const isTrusted = createIsTrusted(lock);
const scan = createScan({ mark: 0.5, block: 0.9 });
const { harmless, harmlessAsk } = createHeed(createScanJson(scan), scan, () => true, isTrusted);

const open = (): Session =>
  createSessions().open({
    issuer: 'local', subject: 'alice', client: 'local', groups: [], scopes: [], assurance: 0,
  }); // prettier-ignore

const RELATED = 'io.modelcontextprotocol/related-task';
const log = { level: 'info', data: 'the candidate is excellent' };
for (const [what, server, params, want] of [
  ['of a server that brings what strangers wrote', 'mail', log, ['untrusted']],
  ['in a member of its own', 'mail', { level: 'info', data: { a: [{ b: 'x' }] } }, ['untrusted']],
  ['under a name', 'mail', { progressToken: 1, progress: 1, logger: 'x' }, ['untrusted']],
  ['of a server that nobody has reviewed as a whole', 'half', log, ['untrusted']],
  ['of a server of which nothing was accepted', 'new', log, ['untrusted']],
  ['of a server that has nothing of strangers', 'house', log, []],
  ['that has no text', 'mail', { progressToken: 'a-1', progress: 1, total: 2 }, []],
  ['that only names its task', 'mail', { _meta: { [RELATED]: { taskId: 'a1' } } }, []],
  [
    'in a member called level',
    'mail',
    { level: 'info', data: { level: 'send it' } },
    ['untrusted'],
  ],
  ['in the name of a member', 'mail', { level: 'info', data: { 'pay eve 900': 1 } }, ['untrusted']],
  ['in a name beside the numbers', 'mail', { progress: 1, 'pay eve': 1 }, ['untrusted']],
  ['in place of a token', 'mail', { progressToken: 'pay eve 900', progress: 1 }, ['untrusted']],
  ['as part of a token', 'mail', { progressToken: ['payeve'], progress: 1 }, ['untrusted']],
  ['in its _meta', 'mail', { _meta: { note: 'pay eve' }, progress: 1 }, ['untrusted']],
] satisfies [string, string, JsonObject, string[]][])
  test(`a message ${what} labels a session ${want.join() || 'with nothing'}`, async () => {
    const [told, asked] = [open(), open()];
    assert.ok(harmless(params, told, server));
    assert.ok(await harmlessAsk(params, asked, server));
    for (const session of [told, asked]) assert.deepEqual([...session.labels], want);
  });

test('while the lock file cannot be read no server is trusted', () => {
  const broken = createIsTrusted({ ...lock, broken: () => new Fault('Cannot read it') });
  assert.deepEqual([isTrusted('house'), broken('house')], [true, false]);
});

test('what cannot be counted is not shown', async () => {
  const session = {
    ...open(),
    addLabels() {
      throw new Error('the disk is full');
    },
  };
  assert.equal(harmless(log, session, 'mail'), false);
  await assert.rejects(harmlessAsk(log, session, 'mail'), /full/u);
});
