import assert from 'node:assert/strict';
import {
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openAuditKey } from '../../src/audit/key.ts';
import { readConfigText } from '../../src/config/load.ts';
import { createReach } from '../../src/labels/reach.ts';
import {
  createServerLabelFiles,
  type ServerLabelFiles,
  type Unread,
} from '../../src/labels/server-label-files.ts';
import { createServerLabels, type Reach, type Told } from '../../src/labels/server-labels.ts';
import { SESSION_MS } from '../../src/suspicion/suspicion.ts';

import fc from '../support/property.ts';
import { scratch } from '../support/scratch.ts';

const issuer = 'https://idp.example';
const alice = { issuer, subject: 'alice' };
const bob = { issuer, subject: 'bob' };
const ANYTHING = ['private', 'secret', 'untrusted'];

type World = {
  readonly folder: string;
  readonly clock: { now: number };
  readonly problems: unknown[];
  readonly files: ServerLabelFiles;
  /** What another process of the same state knows for this person. */
  readonly open: (who?: typeof alice) => Told;
};

const reach = (server: string): Reach =>
  server === 'wiki' ? 'person' : server === 'code' ? 'nobody' : 'everybody';

/** `notes` tells nobody apart, `wiki` does, and `code` keeps nothing. */
async function world(context: TestContext): Promise<World> {
  const root = await scratch(context);
  const folder = join(root, 'servers');
  const key = openAuditKey(join(root, 'key.json'));
  const clock = { now: Date.now() + 60_000 };
  const now = (): number => clock.now;
  const problems: unknown[] = [];
  const files = createServerLabelFiles(folder, () => key, now);
  const onProblem = (thrown: unknown): void => void problems.push(thrown);
  const open = (who = alice): Told =>
    createServerLabels({ files, now, reach, onProblem, words: () => ['eng'] }).of(who);
  return { folder, clock, problems, files, open };
}

const sorted = (labels: ReadonlySet<string>): string[] => [...labels].toSorted();
const fileIn = (folder: string): string => {
  const [place = ''] = readdirSync(folder);
  const [file = ''] = readdirSync(join(folder, place));
  return join(folder, place, file);
};
function cutOf(unread: Unread | undefined): Parameters<ServerLabelFiles['write']>[0] {
  assert.ok(unread);
  const { place, label, how, time } = unread;
  return { kind: 'cut', place, label, how, until: time, by: 'owner', reason: 'looked at it' };
}
const unreadIn = (files: ServerLabelFiles, server = 'notes'): Unread[] =>
  files.read({ server }).filter((one): one is Unread => one.kind === 'unread');

test('what a server was given unread is in its results in every process, and after a restart', async (t) => {
  const { open, clock } = await world(t);
  const [one, other] = [open(), open()];
  assert.deepEqual(sorted(other.inResults('notes')), []);
  one.gave('notes', ['secret'], true);
  clock.now += 5;
  for (const told of [one, other, open()]) {
    assert.deepEqual(sorted(told.inResults('notes')), ['secret']);
    assert.deepEqual(sorted(told.inSpeech('notes')), ['secret']);
    assert.deepEqual(sorted(told.inResults('mail')), []);
  }
});

test('a server that is everybody’s alike may give it to everybody; one that knows who asks, to whoever gave it', async (t) => {
  const { open } = await world(t);
  for (const server of ['notes', 'wiki', 'code']) open().gave(server, ['secret'], true);
  for (const [who, server, labels] of [
    [alice, 'notes', ['secret']],
    [bob, 'notes', ['secret']],
    [alice, 'wiki', ['secret']],
    [bob, 'wiki', []],
    [{ ...alice, issuer: 'https://other.example' }, 'wiki', []],
    [alice, 'code', []],
  ] as const)
    assert.deepEqual(sorted(open(who).inResults(server)), labels, `${who.subject} ${server}`);
});

test('the configuration says whom a server tells apart', () => {
  const url = 'https://wiki.example/mcp';
  const mcpServers = {
    notes: { command: 'notes' },
    shared: { url, auth: { shared: { headers: { 'x-key': 'abc' } } } },
    login: { url, auth: { login: {} } },
    exchanged: { url, auth: { exchange: { audience: 'a', scopes: ['s'] } } },
    secret: { command: 'wiki', auth: { secret: { env: 'TOKEN' } } },
  };
  const of = (code: object): ReturnType<typeof createReach> =>
    createReach(
      readConfigText(JSON.stringify({ mcpServers, builtin: { code } }), '/etc/s.json', {}),
    );
  const reach = of({ languages: ['python'] });
  for (const name of ['notes', 'shared', 'nowhere']) assert.equal(reach(name), 'everybody', name);
  for (const name of ['login', 'exchanged', 'secret']) assert.equal(reach(name), 'person', name);
  assert.equal(reach('code'), 'nobody');
  assert.equal(of({ egress: ['example.com'] })('code'), 'everybody');
});

test('only what a tool may keep counts for ever; what a tool reads or returns, for half a day', async (t) => {
  const { open, clock, files } = await world(t);
  const told = open();
  told.gave('notes', ['secret'], true);
  told.gave('notes', ['private'], false);
  told.returned('notes', ['untrusted']);
  clock.now += SESSION_MS - 1000;
  for (const each of [told, open()]) {
    assert.deepEqual(sorted(each.inResults('notes')), ['private', 'secret']);
    assert.deepEqual(sorted(each.inSpeech('notes')), ['private', 'secret', 'untrusted']);
  }
  clock.now += 1000;
  for (const each of [told, open()]) {
    assert.deepEqual(sorted(each.inResults('notes')), ['secret']);
    assert.deepEqual(sorted(each.inSpeech('notes')), ['secret']);
  }
  clock.now += 1000 * SESSION_MS;
  told.gave('notes', ['medical'], true);
  assert.deepEqual(sorted(open().inResults('notes')), ['medical', 'secret']);
  assert.equal(unreadIn(files).length, 2);
});

test('a person takes it away, in every process; it comes again with what is given next', async (t) => {
  const { open, files, clock } = await world(t);
  const [one, other] = [open(), open()];
  one.gave('notes', ['private', 'secret'], true);
  clock.now += 5;
  assert.deepEqual(sorted(other.inResults('notes')), ['private', 'secret']);
  files.write(cutOf(unreadIn(files).find(({ label }) => label === 'secret')));
  clock.now += 5;
  for (const told of [one, other, open()])
    assert.deepEqual(sorted(told.inResults('notes')), ['private']);
  other.gave('notes', ['secret'], true);
  clock.now += 5;
  for (const told of [one, open()])
    assert.deepEqual(sorted(told.inResults('notes')), ['private', 'secret']);
});

test('a decision about what was given before is none about what is given after', async (t) => {
  const { open, files, clock } = await world(t);
  const told = open();
  told.gave('notes', ['secret'], true);
  const [seen] = unreadIn(files);
  clock.now += 120_000;
  told.gave('notes', ['secret'], true);
  files.write(cutOf(seen));
  clock.now += 1000;
  for (const each of [told, open()]) assert.deepEqual(sorted(each.inResults('notes')), ['secret']);
});

test('what several people gave is nobody’s to take away by name, however they race', async (t) => {
  const { open, files, clock } = await world(t);
  const [ofAlice, ofBob] = [open(), open(bob)];
  ofAlice.gave('notes', ['secret'], true);
  assert.deepEqual(unreadIn(files)[0]?.who, alice);
  // Neither has seen what the other writes.
  ofBob.gave('notes', ['private'], true);
  ofAlice.gave('notes', ['private'], true);
  clock.now += 1000;
  ofBob.gave('notes', ['secret'], true);
  for (const told of [ofAlice, ofBob]) told.inResults('notes');
  clock.now += 1000;
  for (const told of [ofAlice, ofBob]) told.inResults('notes');
  assert.deepEqual(
    unreadIn(files).map(({ who }) => who),
    [undefined, undefined],
  );
});

test('a decision about what one person gave to a reading tool is none about what several people stored', async (t) => {
  const { open, files, clock } = await world(t);
  open().gave('notes', ['secret'], true);
  clock.now += 1000;
  open(bob).gave('notes', ['secret'], true);
  clock.now += 1000;
  open(bob).gave('notes', ['secret'], false);
  files.write(cutOf(unreadIn(files).find(({ how }) => how === 'given')));
  clock.now += 1000;
  assert.deepEqual(sorted(open().inResults('notes')), ['secret']);
});

for (const [how, spoil] of [
  ['is half written', (path: string) => writeFileSync(path, '{')],
  [
    'was changed by a stranger',
    (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('secret', 'nothing')),
  ],
] as const)
  test(`a process that begins takes a server for one that has anything while a label ${how}`, async (t) => {
    const { open, folder, problems, files } = await world(t);
    const known = open();
    known.gave('notes', ['secret'], true);
    spoil(fileIn(folder));
    const told = open(bob);
    for (const labels of [told.inResults('notes'), told.inSpeech('notes')])
      assert.deepEqual(sorted(labels), ['eng', ...ANYTHING]);
    assert.equal(problems.length, 1);
    assert.deepEqual(sorted(told.inResults('mail')), []);
    assert.ok(known.inResults('notes').has('secret'));
    assert.match(String(files.everybody().unreadable), /no gateway of this state wrote it/u);
  });

test('the labels of another server, put in place of its own, are none', async (t) => {
  const { open, folder, clock } = await world(t);
  open().gave('notes', ['secret'], true);
  const [notes = ''] = readdirSync(folder);
  open().gave('mail', ['eng'], true);
  const mail = readdirSync(folder).find((name) => name !== notes) ?? '';
  rmSync(join(folder, notes), { recursive: true });
  cpSync(join(folder, mail), join(folder, notes), { recursive: true });
  clock.now += 1000;
  assert.deepEqual(sorted(open().inResults('notes')), ['eng', ...ANYTHING]);
});

test('whose file is gone is written again; what cannot be written is told, and counts here', async (t) => {
  const { open, folder, clock } = await world(t);
  const told = open();
  told.gave('notes', ['secret'], true);
  rmSync(folder, { recursive: true });
  clock.now += 1000;
  assert.deepEqual(sorted(told.inResults('notes')), ['secret']);
  assert.deepEqual(sorted(open().inResults('notes')), ['secret']);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where the folder belongs');
  assert.throws(() => told.gave('notes', ['private'], true));
  assert.ok(told.inResults('notes').has('private'));
  rmSync(folder);
  clock.now += 1000;
  assert.ok(told.inResults('notes').has('private'));
  assert.deepEqual(sorted(open().inResults('notes')), ['private', 'secret']);
});

test('the folder’s time set back hides nothing for long', async (t) => {
  const { open, folder, clock } = await world(t);
  const [one, other] = [open(), open()];
  one.gave('notes', ['private'], true);
  clock.now += 1000;
  assert.deepEqual(sorted(other.inResults('notes')), ['private']);
  const [place = ''] = readdirSync(folder);
  const { atime, mtime } = statSync(join(folder, place));
  one.gave('notes', ['secret'], true);
  utimesSync(join(folder, place), atime, mtime);
  clock.now += 1000;
  assert.deepEqual(sorted(other.inResults('notes')), ['private', 'secret']);
});

test('however many processes and people give how often, files are as many as labels', async (t) => {
  const { open, files, clock } = await world(t);
  for (let start = 0; start < 40; start++) {
    const told = open({ issuer, subject: `person ${start}` });
    told.gave('notes', ['private', 'secret'], true);
    told.gave('notes', ['private'], false);
    told.returned('notes', ['private']);
    clock.now += 61_000;
  }
  assert.equal(unreadIn(files).length, 4);
});

test('whatever processes do side by side, none knows less than was given', async (t) => {
  const { open, clock } = await world(t);
  const processes = [open(), open(), open(bob)] as const;
  const step = fc.tuple(fc.constantFrom(...processes), fc.constantFrom('a', 'b', 'c'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.uuid(), (steps, server) => {
      for (const [told, label] of steps) told.gave(server, [label], true);
      clock.now += 5;
      const given = sorted(new Set(steps.map(([, label]) => label)));
      for (const told of processes) assert.deepEqual(sorted(told.inResults(server)), given);
    }),
    { numRuns: 50 },
  );
});
