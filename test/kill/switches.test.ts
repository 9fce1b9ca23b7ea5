import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openAuditKey } from '../../src/audit/key.ts';
import { Denial } from '../../src/denial.ts';
import { covers, type Kill, type KillScope } from '../../src/kill/kill.ts';
import { createKillFiles, newKillId, type KillFiles } from '../../src/kill/kill-files.ts';
import { createSwitches, type Switches } from '../../src/kill/switches.ts';
import { scratch } from '../support/scratch.ts';

const caller = {
  issuer: 'local',
  subject: 'alice',
  client: 'desktop',
  groups: [],
  scopes: [],
  assurance: 0,
};
const what = {
  server: 'mail',
  name: 'send',
  classes: ['write', 'external_communication'],
  session: { id: 's1', caller },
} as const;

type World = {
  readonly root: string;
  readonly folder: string;
  readonly files: KillFiles;
  readonly problems: unknown[];
  readonly clock: { now: number };
  /** Another process of the same state. */
  readonly open: (lastResort?: string) => Switches;
};

async function world(context: TestContext): Promise<World> {
  const root = await scratch(context);
  const folder = join(root, 'kills');
  const key = openAuditKey(join(root, 'key.json'));
  const clock = { now: Date.now() + 60_000 };
  const now = (): number => clock.now;
  const problems: unknown[] = [];
  const files = createKillFiles(folder, () => key, now);
  return {
    root,
    folder,
    files,
    problems,
    clock,
    open(lastResort) {
      const switches = createSwitches({
        files,
        thrownBefore: () => [],
        lastResort,
        isQuarantined: () => false,
        now,
        onProblem: (thrown) => problems.push(thrown),
      });
      context.after(() => switches.close());
      return switches;
    },
  };
}

const killOf = (scope: KillScope, more: Partial<Kill> = {}): Kill => ({
  id: newKillId(),
  scope,
  time: 1,
  by: 'owner',
  reason: 'a test',
  ...more,
});

for (const [scope, want] of [
  [{}, true],
  [{ class: 'write' }, true],
  [{ class: 'read' }, false],
  [{ server: 'mail' }, true],
  [{ server: 'mai' }, false],
  [{ tool: 'mail/send' }, true],
  [{ tool: 'mail/sen' }, false],
  [{ tool: 'other/send' }, false],
  [{ user: 'alice' }, true],
  [{ user: 'bob' }, false],
  [{ client: 'desktop' }, true],
  [{ client: 'ide' }, false],
  [{ session: 's1' }, true],
  [{ session: 's2' }, false],
  [{ class: 'write', user: 'alice', server: 'mail' }, true],
  [{ class: 'write', user: 'bob', server: 'mail' }, false],
] as const)
  test(`a kill of ${JSON.stringify(scope)} covers ${want ? 'it' : 'something else'}`, () =>
    assert.equal(covers(killOf(scope), what), want));

test('what a server says by itself is covered by kills of it, not by those of a class', () => {
  const said = { server: 'mail', session: what.session };
  assert.ok(covers(killOf({ server: 'mail' }), said));
  assert.ok(covers(killOf({}), said));
  assert.ok(!covers(killOf({ class: 'write' }), said));
});

test('another process obeys, and obeys no longer once it is revived or over', async (t) => {
  const { files, open, clock } = await world(t);
  const [one, other] = [open(), open()];
  assert.ok(one.isAlive(what) && other.isAlive(what));
  const kill = killOf({ server: 'mail' });
  one.kill(kill);
  assert.ok(!one.isAlive(what));
  clock.now += 100;
  assert.ok(!other.isAlive(what));
  assert.ok(other.isAlive({ ...what, server: 'files' }));
  files.write({ ...kill, revived: { time: 2, by: 'owner', reason: '' } });
  clock.now += 100;
  assert.ok(one.isAlive(what) && other.isAlive(what));
  files.write(killOf({}, { expires: clock.now + 500 }));
  clock.now += 100;
  assert.ok(!one.isAlive(what));
  clock.now += 500;
  assert.ok(one.isAlive(what));
});

type Spoil = (folder: string, file: string, kill: Kill) => void;
const SPOILT: readonly (readonly [string, Spoil])[] = [
  ['is half written', (folder, file) => writeFileSync(join(folder, file), '{"id":')],
  ['others may read', (folder, file) => chmodSync(join(folder, file), 0o644)],
  [
    'was revived by a stranger',
    (folder, file, kill) => {
      const seal = /"seal":"(\w+)"/u.exec(readFileSync(join(folder, file), 'utf8'))?.[1];
      const revived = { time: 2, by: 'owner', reason: '' };
      writeFileSync(join(folder, file), JSON.stringify({ ...kill, revived, seal }));
    },
  ],
  [
    'has the name of another',
    (folder, file) => renameSync(join(folder, file), join(folder, '0123456789abcdef.json')),
  ],
];
for (const [how, spoil] of SPOILT)
  test(`a process that begins refuses everything while a kill ${how}`, async (t) => {
    const { folder, files, open, clock, problems } = await world(t);
    const kill = killOf({ server: 'files' });
    files.write(kill);
    const known = open();
    assert.ok(!known.isAlive({ ...what, server: 'files' }));
    const [file = ''] = readdirSync(folder);
    spoil(folder, file, kill);
    const switches = open();
    assert.ok(!switches.isAlive(what));
    clock.now += 100;
    assert.ok(!switches.isAlive(what));
    assert.equal(problems.length, 1);
    // Who knew of it before goes on to obey.
    assert.ok(!known.isAlive({ ...what, server: 'files' }));
    rmSync(folder, { recursive: true });
    files.write(kill);
    clock.now += 100;
    assert.ok(switches.isAlive(what), String(problems.at(-1)));
  });

const TAKEN: readonly (readonly [string, (folder: string, file: string) => void])[] = [
  ['a kill', (folder, file) => rmSync(join(folder, file))],
  ['the folder of kills', (folder) => renameSync(folder, `${folder}-away`)],
];
for (const [which, take] of TAKEN)
  test(`who knows of it refuses everything while ${which} is gone`, async (t) => {
    const { folder, files, open, clock, problems } = await world(t);
    const kill = killOf({ server: 'files' });
    files.write(kill);
    const switches = open();
    assert.ok(switches.isAlive(what));
    const [file = ''] = readdirSync(folder);
    take(folder, file);
    clock.now += 100;
    assert.ok(!switches.isAlive(what));
    assert.equal(problems.length, 1);
    files.write(kill);
    clock.now += 100;
    assert.ok(switches.isAlive(what), String(problems.at(-1)));
  });

test('a kill counts although the folder’s time was set back', async (t) => {
  const { folder, files, open, clock } = await world(t);
  files.write(killOf({ server: 'files' }));
  const switches = open();
  clock.now += 1000;
  assert.ok(switches.isAlive(what));
  const { atime, mtime } = statSync(folder);
  files.write(killOf({}));
  utimesSync(folder, atime, mtime);
  clock.now += 600;
  assert.ok(!switches.isAlive(what));
});

test('the file of the last resort switches everything off, also as a link that leads nowhere', async (t) => {
  const { root, open, clock } = await world(t);
  const file = join(root, 'KILL');
  const switches = open(file);
  assert.ok(switches.isAlive(what));
  writeFileSync(file, '');
  clock.now += 100;
  assert.ok(!switches.isAlive(what));
  rmSync(file);
  clock.now += 100;
  assert.ok(switches.isAlive(what));
});

test('a kill that cannot be written is in force all the same', async (t) => {
  const { folder, open, problems } = await world(t);
  const switches = open();
  writeFileSync(folder, 'a file where the folder belongs');
  switches.kill(killOf({ server: 'files' }));
  assert.equal(problems.length > 0, true);
  rmSync(folder);
  assert.ok(!switches.isAlive({ ...what, server: 'files' }));
});

test('work under way is told to end, and what it brings all the same is kept back', async (t) => {
  const { files, open, clock } = await world(t);
  const switches = open();
  const { session, ...subject } = what;
  const call = { session, subject };
  let heard = false;
  const stubborn = switches.unlessKilled(call, AbortSignal.timeout(60_000), async (signal) => {
    signal.addEventListener('abort', () => (heard = true));
    files.write(killOf({ user: 'alice' }));
    clock.now += 100;
    await new Promise((resolve) => setTimeout(resolve, 600));
    return 'what it brings';
  });
  await assert.rejects(stubborn, (thrown) => thrown instanceof Denial && thrown.code === 'killed');
  assert.ok(heard);
  assert.throws(() => switches.refuseKilled(call), Denial);
});
