import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openAuditKey } from '../../src/audit/key.ts';
import { readClaims } from '../../src/identity/claims.ts';
import { createLabelFiles, isGiven, type LabelFiles } from '../../src/labels/label-files.ts';
import { createLabels, type Labels } from '../../src/labels/labels.ts';
import { SESSION_MS } from '../../src/suspicion/suspicion.ts';
import fc from '../support/property.ts';
import { scratch } from '../support/scratch.ts';

const alice = { issuer: 'https://idp.example', subject: 'alice', client: 'ide' };

type World = {
  readonly folder: string;
  readonly clock: { now: number };
  readonly problems: unknown[];
  readonly files: LabelFiles;
  /** Another process of the same state. */
  readonly open: () => Labels;
};

async function world(context: TestContext): Promise<World> {
  const root = await scratch(context);
  const folder = join(root, 'labels');
  const key = openAuditKey(join(root, 'key.json'));
  const clock = { now: Date.now() + 60_000 };
  const now = (): number => clock.now;
  const problems: unknown[] = [];
  const files = createLabelFiles(folder, () => key, now);
  const onProblem = (thrown: unknown): void => void problems.push(thrown);
  return { folder, clock, problems, files, open: () => createLabels({ files, now, onProblem }) };
}

const sorted = (labels: ReadonlySet<string>): string[] => [...labels].toSorted();

test('neither another process nor a restart washes them off; another person and client have their own', async (t) => {
  const { open, clock } = await world(t);
  const [one, other] = [open(), open()];
  assert.deepEqual(sorted(other.of(alice)), []);
  one.add(alice, ['untrusted', 'private']);
  clock.now += 5;
  for (const labels of [one, other, open()])
    assert.deepEqual(sorted(labels.of(alice)), ['private', 'untrusted']);
  for (const holder of [
    { ...alice, subject: 'bob' },
    { ...alice, client: 'desktop' },
    { ...alice, issuer: 'https://other.example' },
  ])
    assert.deepEqual(sorted(open().of(holder)), []);
});

test('neither a new key nor a new session at the issuer washes them off', async (t) => {
  const { open, clock } = await world(t);
  const claims = { iss: alice.issuer, sub: alice.subject, client_id: alice.client };
  const signedIn = (more: object): ReturnType<typeof readClaims> =>
    readClaims({ ...claims, ...more }, 'groups');
  open().add(signedIn({ sid: 'one', cnf: { jkt: 'a'.repeat(43) } }), ['secret']);
  clock.now += 5;
  for (const more of [{ sid: 'two' }, { cnf: { jkt: 'b'.repeat(43) } }, { jti: 'x', scope: 'y' }])
    assert.deepEqual(sorted(open().of(signedIn(more))), ['secret']);
});

test('a person takes one away, in every process; it comes again with what is read next', async (t) => {
  const { open, files, clock } = await world(t);
  const [one, other] = [open(), open()];
  one.add(alice, ['untrusted', 'private']);
  clock.now += 5;
  assert.deepEqual(sorted(other.of(alice)), ['private', 'untrusted']);
  const given = files
    .read(alice)
    .filter(isGiven)
    .find(({ label }) => label === 'private');
  assert.ok(given);
  const cut = { kind: 'cut', who: alice, by: 'owner', reason: 'looked at it' } as const;
  files.write({ ...cut, label: 'private', until: given.time });
  clock.now += 5;
  for (const labels of [one, other]) assert.deepEqual(sorted(labels.of(alice)), ['untrusted']);
  other.add(alice, ['private']);
  clock.now += 5;
  for (const labels of [one, open()])
    assert.deepEqual(sorted(labels.of(alice)), ['private', 'untrusted']);
});

test('four hundred short chats in a day leave few files, and what they have read counts', async (t) => {
  const { open, folder, files, clock, problems } = await world(t);
  const long = open();
  long.add(alice, ['secret']);
  for (let chat = 0; chat < 400; chat++) {
    clock.now += 60_000;
    open().add(alice, ['untrusted', 'private', 'secret']);
  }
  const count = (): number => readdirSync(join(folder, readdirSync(folder)[0] ?? '')).length;
  assert.ok(count() < 200, `${count()} files`);
  clock.now += 5;
  for (const labels of [long, open()]) {
    assert.deepEqual(sorted(labels.of(alice)), ['private', 'secret', 'untrusted']);
    assert.deepEqual(sorted(labels.foreign(alice)), ['private', 'secret', 'untrusted']);
  }
  assert.ok(count() < 200, `${count()} files`);

  const cut = { kind: 'cut', who: alice, by: 'owner', reason: 'looked at it' } as const;
  files.write({ ...cut, label: 'secret', until: clock.now });
  clock.now += 60_000;
  for (const labels of [long, open()])
    assert.deepEqual(sorted(labels.of(alice)), ['private', 'untrusted']);
  assert.deepEqual(problems, []);
});

test('they end with the session: when nobody has called for hours', async (t) => {
  const { open, clock } = await world(t);
  const labels = open();
  labels.add(alice, ['untrusted']);
  clock.now += SESSION_MS - 1000;
  labels.touch(alice);
  clock.now += SESSION_MS - 1000;
  assert.deepEqual(sorted(open().of(alice)), ['untrusted']);
  clock.now += 2000;
  assert.deepEqual(sorted(open().of(alice)), []);
  assert.deepEqual(sorted(labels.of(alice)), []);
});

for (const [how, spoil] of [
  ['is half written', (path: string) => writeFileSync(path, '{')],
  [
    'was taken away by a stranger',
    (path: string) => {
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replace('"given"', '"cut"').replace('"time"', '"until"'));
    },
  ],
] as const)
  test(`a process that begins takes the session for one that has read anything while a label ${how}`, async (t) => {
    const { open, folder, problems } = await world(t);
    const known = open();
    known.add(alice, ['eng']);
    const [holder = ''] = readdirSync(folder);
    const [file = ''] = readdirSync(join(folder, holder));
    spoil(join(folder, holder, file));
    const labels = open();
    assert.deepEqual(sorted(labels.of(alice)), ['private', 'secret', 'untrusted']);
    assert.deepEqual(sorted(labels.of(alice)), ['private', 'secret', 'untrusted']);
    assert.equal(problems.length, 1);
    assert.ok(known.of(alice).has('eng'));
  });

test('a session of which nothing can be read carries the owner’s own labels too', async (t) => {
  const { open, folder, files, clock, problems } = await world(t);
  open().add(alice, ['eng']);
  const [holder = ''] = readdirSync(folder);
  const [file = ''] = readdirSync(join(folder, holder));
  writeFileSync(join(folder, holder, file), '{}');
  const labels = createLabels({
    files,
    now: () => clock.now,
    onProblem: (thrown) => problems.push(thrown),
    words: () => ['eng', 'medical'],
  });
  const anything = ['eng', 'medical', 'private', 'secret', 'untrusted'];
  assert.deepEqual(sorted(labels.of(alice)), anything);
  assert.deepEqual(sorted(labels.foreign(alice)), anything);
  assert.match(String(problems), new RegExp(`Cannot use .*${file}`, 'u'));
});

test('a forged file hides nobody else from who looks, and is named', async (t) => {
  const { open, folder, files } = await world(t);
  const labels = open();
  labels.add(alice, ['untrusted']);
  const [holder = ''] = readdirSync(folder);
  const [file = ''] = readdirSync(join(folder, holder));
  labels.add({ ...alice, subject: 'bob' }, ['private']);
  writeFileSync(join(folder, holder, file), '{}');
  const { known, unreadable } = files.everybody();
  assert.deepEqual(
    known.map(({ subject }) => subject),
    ['bob'],
  );
  assert.deepEqual(unreadable.length, 1);
  assert.ok(unreadable[0]?.includes(join(holder, file)));
});

test('whose file is gone is given again; what cannot be written is told, and counts here', async (t) => {
  const { open, folder, clock } = await world(t);
  const labels = open();
  labels.add(alice, ['untrusted']);
  rmSync(folder, { recursive: true });
  clock.now += 1000;
  assert.deepEqual(sorted(labels.of(alice)), ['untrusted']);
  assert.deepEqual(sorted(open().of(alice)), ['untrusted']);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where the folder belongs');
  assert.throws(() => labels.add(alice, ['private']));
  assert.ok(labels.of(alice).has('private'));
  rmSync(folder);
  clock.now += 1000;
  assert.ok(labels.of(alice).has('private'));
  assert.ok(open().of(alice).has('private'));
});

test('the folder’s time set back hides nothing for long', async (t) => {
  const { open, folder, clock } = await world(t);
  const [one, other] = [open(), open()];
  one.add(alice, ['untrusted']);
  clock.now += 1000;
  assert.deepEqual(sorted(other.of(alice)), ['untrusted']);
  const [holder = ''] = readdirSync(folder);
  const { atime, mtime } = statSync(join(folder, holder));
  one.add(alice, ['private']);
  utimesSync(join(folder, holder), atime, mtime);
  clock.now += 1000;
  assert.deepEqual(sorted(other.of(alice)), ['private', 'untrusted']);
});

test('of what others gave it is known that they did', async (t) => {
  const { open, clock } = await world(t);
  const [one, other] = [open(), open()];
  one.add(alice, ['private']);
  other.add(alice, ['private', 'untrusted']);
  clock.now += 1000;
  assert.deepEqual(sorted(one.foreign(alice)), ['private', 'untrusted']);
  assert.deepEqual(sorted(other.foreign(alice)), ['private']);
});

test('a session that ends takes nothing with it that another process gives just now', async (t) => {
  const { open, clock } = await world(t);
  const [one, other] = [open(), open()];
  one.add(alice, ['untrusted']);
  clock.now += SESSION_MS + 1000;
  other.add(alice, ['private']);
  assert.deepEqual(sorted(one.of(alice)), ['private']);
  assert.deepEqual(sorted(open().of(alice)), ['private']);
});

test('a decision about what was read before is none about what is read after', async (t) => {
  const { open, files, clock } = await world(t);
  const labels = open();
  labels.add(alice, ['private']);
  const [given] = files.read(alice).filter(isGiven);
  assert.ok(given);
  clock.now += 120_000;
  labels.add(alice, ['private']);
  const cut = { kind: 'cut', who: alice, by: 'owner', reason: '' } as const;
  files.write({ ...cut, label: 'private', until: given.time });
  clock.now += 1000;
  assert.deepEqual(sorted(labels.of(alice)), ['private']);
});

test('files of processes that have ended are not kept for ever', async (t) => {
  const { open, files, clock } = await world(t);
  for (let start = 0; start < 20; start++) {
    const labels = open();
    labels.add(alice, ['untrusted']);
    labels.touch(alice);
    clock.now += SESSION_MS - 1000;
  }
  assert.ok(files.read(alice).length < 4);
  assert.deepEqual(sorted(open().of(alice)), ['untrusted']);
});

test('whatever processes do side by side, none carries less than it gave', async (t) => {
  const { open, clock } = await world(t);
  const processes = [open(), open(), open()] as const;
  const step = fc.tuple(fc.constantFrom(...processes), fc.constantFrom('a', 'b', 'c', 'd'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.uuid(), (steps, subject) => {
      const holder = { ...alice, subject };
      for (const [labels, label] of steps) labels.add(holder, [label]);
      clock.now += 5;
      const given = sorted(new Set(steps.map(([, label]) => label)));
      for (const labels of processes) assert.deepEqual(sorted(labels.of(holder)), given);
    }),
    { numRuns: 50 },
  );
});
