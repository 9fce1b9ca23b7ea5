import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openAuditKey } from '../../src/audit/key.ts';
import { createLabelFiles, type LabelFiles } from '../../src/labels/label-files.ts';
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

test('a person takes one away, in every process; it comes again with what is read next', async (t) => {
  const { open, files, clock } = await world(t);
  const [one, other] = [open(), open()];
  one.add(alice, ['untrusted', 'private']);
  clock.now += 5;
  assert.deepEqual(sorted(other.of(alice)), ['private', 'untrusted']);
  const held = files.read(alice).find(({ label }) => label === 'private');
  assert.ok(held);
  files.write({ ...held, time: held.time + 1, cleared: { by: 'owner', reason: 'looked at it' } });
  clock.now += 5;
  for (const labels of [one, other]) assert.deepEqual(sorted(labels.of(alice)), ['untrusted']);
  other.add(alice, ['private']);
  clock.now += 5;
  for (const labels of [one, open()])
    assert.deepEqual(sorted(labels.of(alice)), ['private', 'untrusted']);
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
      const { time, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
      const cleared = { by: 'owner', reason: '' };
      writeFileSync(path, JSON.stringify({ ...rest, time: Number(time) + 1, cleared }));
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

test('who knows of it carries it although its file is gone, or cannot be written', async (t) => {
  const { open, folder, clock, problems } = await world(t);
  const labels = open();
  labels.add(alice, ['untrusted']);
  rmSync(folder, { recursive: true });
  clock.now += 100;
  assert.deepEqual(sorted(labels.of(alice)), ['untrusted']);
  writeFileSync(folder, 'a file where the folder belongs');
  labels.add(alice, ['private']);
  assert.ok(problems.length > 0);
  assert.ok(labels.of(alice).has('private'));
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
