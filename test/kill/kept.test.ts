import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openAudit } from '../../src/audit/audit.ts';
import { openAuditKey } from '../../src/audit/key.ts';
import { auditedKill, auditedKills } from '../../src/kill/audited-kills.ts';
import { createKillFiles, newKillId, type KillFiles } from '../../src/kill/kill-files.ts';
import type { Kill, KillScope } from '../../src/kill/kill.ts';
import { createSwitches, type Switches } from '../../src/kill/switches.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { scratch } from '../support/scratch.ts';

const HOUR = 3_600_000;
const caller = {
  issuer: 'local',
  subject: 'alice',
  client: 'desktop',
  groups: [],
  scopes: [],
  assurance: 0,
};
const mail = { server: 'mail', session: { id: 's1', caller } } as const;
const files = { ...mail, server: 'files' } as const;

type World = {
  readonly folder: string;
  readonly files: KillFiles;
  readonly clock: { now: number };
  /** A process that begins now. */
  readonly open: () => Switches;
  /** What `sallyport kill` does, and what it writes into the audit. */
  readonly kill: (scope: KillScope, more?: Partial<Kill>) => Promise<Kill>;
  readonly write: (record: JsonObject) => Promise<void>;
  readonly revive: (kill: Kill) => void;
};

async function world(context: TestContext): Promise<World> {
  const root = await scratch(context);
  const folder = join(root, 'kills');
  const path = join(root, 'audit');
  const stateKeyPath = join(root, 'key.json');
  const key = openAuditKey(stateKeyPath);
  const clock = { now: Date.now() };
  const now = (): number => clock.now;
  const kept = createKillFiles(folder, () => key, now);
  async function write(record: JsonObject): Promise<void> {
    await using audit = await openAudit({
      path,
      stateKeyPath,
      arguments: 'digest',
      secrets: [],
      now: () => new Date(clock.now),
      onError: (error) => assert.fail(error),
    });
    audit.append('kill', record);
  }
  return {
    folder,
    files: kept,
    clock,
    write,
    open() {
      const switches = createSwitches({
        files: kept,
        thrownBefore: () => auditedKills(path, kept.settledUntil(), () => key),
        lastResort: undefined,
        isQuarantined: () => false,
        now,
        onProblem: () => undefined,
      });
      context.after(() => switches.close());
      return switches;
    },
    async kill(scope, more) {
      const kill = { ...kept.begin(), scope, by: 'owner', reason: 'a test', ...more };
      kept.write(kill);
      await write(auditedKill(kill, key));
      return kill;
    },
    revive: (kill) =>
      kept.write({ ...kill, revived: { time: now(), by: 'owner', reason: 'a test' } }),
  };
}

test('ten thousand that have ended neither stand in the way nor are kept', async (t) => {
  const { folder, files: kept, clock, open } = await world(t);
  const before = open();
  const standing = { id: newKillId(), time: clock.now, by: 'owner', reason: 'r' };
  kept.write({ ...standing, scope: { server: 'mail' } });
  assert.ok(!before.isAlive(mail));
  const ended = { scope: {}, revived: { time: clock.now, by: 'owner', reason: '' } };
  for (let count = 0; count < 10_000; count++)
    kept.write({ ...standing, id: newKillId(), ...ended });
  clock.now += 2 * HOUR;
  kept.tidy([]);
  assert.equal(readdirSync(folder).length, 2);
  clock.now += 1000;
  for (const switches of [before, open()]) {
    assert.ok(switches.isAlive(files));
    assert.ok(!switches.isAlive(mail));
  }
});

test('what ended within the hour stays, for gateways that have not looked yet', async (t) => {
  const { files: kept, clock, kill, revive } = await world(t);
  revive(await kill({}));
  clock.now += HOUR / 2;
  kept.tidy([]);
  assert.equal(kept.read([]).kills.length, 1);
});

type Take = (folder: string, file: string) => void;
const TAKEN: readonly (readonly [string, Take])[] = [
  ['its file', (folder, file) => rmSync(join(folder, file))],
  ['all files of kills', (folder) => rmSync(folder, { recursive: true })],
  ['the folder, which has another name', (folder) => renameSync(folder, `${folder}.old`)],
];
for (const [which, take] of TAKEN)
  for (const age of [0, 3 * HOUR])
    test(`a process that begins misses a kill of ${age / HOUR} hours ago when ${which} was removed while none ran`, async (t) => {
      const { folder, clock, kill, revive, open, files: kept } = await world(t);
      const thrown = await kill({ server: 'mail' });
      clock.now += age;
      kept.tidy([thrown]);
      take(folder, `${thrown.id}.json`);
      const switches = open();
      assert.ok(!switches.isAlive(mail) && !switches.isAlive(files));
      clock.now += 1000;
      assert.ok(!switches.isAlive(files), 'the second look misses it too');
      assert.throws(() => switches.tidy(), /is gone/u);
      revive(thrown);
      clock.now += 1000;
      assert.ok(switches.isAlive(mail) && open().isAlive(mail));
    });

test('one that is over, or was revived and tidied away, is not missed', async (t) => {
  const { folder, clock, kill, revive, open } = await world(t);
  const over = await kill({ server: 'mail' }, { expires: clock.now + 1000 });
  clock.now += 2000;
  rmSync(join(folder, `${over.id}.json`));
  assert.ok(open().isAlive(mail));
  const running = open();
  const ended = await kill({ server: 'mail' });
  clock.now += 1000;
  assert.ok(!running.isAlive(mail));
  revive(ended);
  clock.now += 2 * HOUR;
  open().tidy();
  assert.deepEqual(readdirSync(folder), ['settled.json']);
  clock.now += 1000;
  assert.ok(running.isAlive(mail) && open().isAlive(mail));
});

test('a kill counts, and is missed, although the clock was ahead when others were tidied away', async (t) => {
  const { folder, clock, kill, revive, open, files: kept } = await world(t);
  const running = open();
  clock.now += 365 * 24 * HOUR;
  revive(await kill({}));
  clock.now += 2 * HOUR;
  open().tidy();
  clock.now -= 365 * 24 * HOUR;
  assert.ok(running.isAlive(mail) && open().isAlive(mail));
  const thrown = await kill({ server: 'mail' });
  clock.now += 1000;
  assert.ok(!running.isAlive(mail) && !open().isAlive(mail));
  assert.ok(open().isAlive(files));
  kept.tidy([thrown]);
  assert.ok(!open().isAlive(mail));
  rmSync(join(folder, `${thrown.id}.json`));
  assert.ok(!open().isAlive(files), 'nobody misses the kill');
  revive(thrown);
  assert.ok(open().isAlive(mail));
});

test('older copies of what was kept make no kill forgotten, and none come back', async (t) => {
  const { folder, clock, kill, revive, open, files: kept } = await world(t);
  const [settled, copy] = [join(folder, 'settled.json'), join(folder, 'copy')];
  const ended = await kill({ server: 'files' });
  clock.now += 2 * HOUR;
  kept.tidy([]);
  copyFileSync(settled, copy);
  copyFileSync(join(folder, `${ended.id}.json`), `${copy}-of-kill`);
  revive(ended);
  const standing = await kill({ server: 'mail' });
  clock.now += 2 * HOUR;
  kept.tidy([]);
  copyFileSync(`${copy}-of-kill`, join(folder, `${ended.id}.json`));
  assert.ok(open().isAlive(files), 'a kill that has ended is in force again');
  rmSync(join(folder, `${standing.id}.json`));
  copyFileSync(copy, settled);
  assert.ok(!open().isAlive(files), 'nobody misses the kill');
});

test('a record that nobody of this state has written makes no kill missed', async (t) => {
  const { open, write, clock } = await world(t);
  const forged = { id: newKillId(), scope: {}, reason: '', thrown: clock.now };
  await write({ ...forged, seal: 'a'.repeat(64) });
  await write(forged);
  assert.ok(open().isAlive(mail));
});
