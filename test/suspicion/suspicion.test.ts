import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openAuditKey } from '../../src/audit/key.ts';
import { createLabels } from '../../src/labels/labels.ts';
import { createServerLabels } from '../../src/labels/server-labels.ts';
import { createSessions } from '../../src/session.ts';
import { bandOf, type BandEvent } from '../../src/suspicion/bands.ts';
import { createEventFiles, type EventFiles } from '../../src/suspicion/event-files.ts';
import { createSuspicion, SESSION_MS, type Suspicion } from '../../src/suspicion/suspicion.ts';
import fc from '../support/property.ts';
import { scratch } from '../support/scratch.ts';

const alice = { issuer: 'https://idp.example', subject: 'alice' };
const about = { server: 'bad', name: 'read' };

type World = {
  folder: string;
  problems: unknown[];
  clock: { now: number };
  files: EventFiles;
  /** Another process of the same state. */
  open: () => Suspicion;
};

async function world(context: TestContext): Promise<World> {
  const root = await scratch(context);
  const folder = join(root, 'suspicion');
  const clock = { now: Date.now() + 60_000 };
  const key = openAuditKey(join(root, 'key.json'));
  const problems: unknown[] = [];
  const files = createEventFiles(
    folder,
    () => key,
    () => clock.now,
  );
  return {
    folder,
    problems,
    clock,
    files,
    open() {
      const suspicion = createSuspicion({
        files,
        now: () => clock.now,
        onProblem: (thrown) => problems.push(thrown),
      });
      context.after(() => suspicion.close());
      return suspicion;
    },
  };
}

const event = (kind: BandEvent['kind'], time: number, to?: number): BandEvent => ({
  time,
  kind,
  who: alice,
  ...(to !== undefined && { to }),
});

for (const [kinds, want] of [
  ['', 0],
  ['mark', 1],
  ['mark mark', 1],
  ['mark mark mark', 2],
  ['block', 2],
  ['mark block', 2],
  ['block block block', 2],
  ['quarantine', 3],
  ['quarantine mark', 3],
  ['block lower', 0],
  ['block lower mark', 1],
  ['mark mark lower mark', 1],
  ['quarantine lower', 0],
  ['block ended', 0],
  ['quarantine ended', 3],
  ['lower ended mark', 1],
] as const)
  test(`after ${kinds || 'nothing'} the band is ${want}`, () => {
    const events = kinds
      .split(' ')
      .filter(Boolean)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the words of the table above
      .map((kind, at) => event(kind as BandEvent['kind'], at));
    assert.equal(bandOf(events), want);
    assert.equal(bandOf(events.toReversed()), want);
  });

test('a person who lowers to band 1 gets band 1, and marks count from there', () => {
  assert.equal(bandOf([event('block', 1), event('lower', 2, 1)]), 1);
  assert.equal(bandOf([event('block', 1), event('lower', 2, 1), event('block', 3)]), 2);
});

test('no event of the detector ever lowers a band', () => {
  const kind = fc.constantFrom('mark', 'block', 'lower', 'quarantine', 'ended');
  fc.assert(
    fc.property(
      fc.array(kind, { maxLength: 12 }),
      fc.constantFrom('mark', 'block'),
      (kinds, next) => {
        const events = kinds.map((one, at) => event(one, at));
        assert.ok(bandOf([...events, event(next, kinds.length)]) >= bandOf(events));
      },
    ),
  );
});

test('neither another client, nor other claims, nor a restart, nor another process washes it off', async (t) => {
  const { open } = await world(t);
  const caller = { ...alice, client: 'ide', groups: ['a'], scopes: [], assurance: 1 };
  const quiet = { now: Date.now, onProblem: () => undefined };
  const labels = createLabels(quiet);
  const serverLabels = createServerLabels({ ...quiet, reach: () => 'everybody' });
  const here = createSessions({
    suspicion: open(),
    labels,
    serverLabels,
    idOf: (person) => person,
    now: Date.now,
  });
  const session = here.open(caller);
  session.escalate('block', about);
  assert.equal(session.escalation, 2);
  assert.equal(here.open({ ...caller, groups: [] }).escalation, 2);
  assert.equal(here.open({ ...caller, client: 'other' }).escalation, 2);
  const there = createSessions({
    suspicion: open(),
    labels,
    serverLabels,
    idOf: (person) => person,
    now: Date.now,
  });
  assert.equal(there.open(caller).escalation, 2);
  assert.equal(there.open({ ...caller, subject: 'bob' }).escalation, 0);
  assert.equal(there.open({ ...caller, issuer: 'https://other.example' }).escalation, 0);
});

test('two processes that mark at once lose nothing of each other’s', async (t) => {
  const { open, clock } = await world(t);
  const [one, two] = [open(), open()];
  assert.deepEqual([one.band(alice), two.band(alice)], [0, 0]);
  one.raise(alice, 'mark', about);
  two.raise(alice, 'mark', about);
  one.raise(alice, 'mark', about);
  clock.now += 1000;
  assert.deepEqual([one.band(alice), two.band(alice)], [2, 2]);
});

test('listeners hear of what another process does, once', async (t) => {
  const { open, clock } = await world(t);
  const [one, two] = [open(), open()];
  let heard = 0;
  const stop = two.onChange(alice, () => heard++);
  assert.equal(two.band(alice), 0);
  one.raise(alice, 'mark', about);
  clock.now += 1000;
  assert.equal(two.band(alice), 1);
  assert.equal(two.band(alice), 1);
  assert.equal(heard, 1);
  stop();
  two.raise(alice, 'block', about);
  assert.equal(heard, 1);
});

test('marks without end keep few files, and a person’s decision removes them', async (t) => {
  const { open, files, folder, clock } = await world(t);
  const suspicion = open();
  for (let at = 0; at < 50; at++) suspicion.raise(alice, at % 2 ? 'mark' : 'block', about);
  const kept = (): string[] =>
    readdirSync(folder).flatMap((person) => readdirSync(join(folder, person)));
  assert.equal(kept().length, 4);
  clock.now += 1000;
  files.add(event('lower', clock.now));
  assert.equal(kept().length, 1);
  clock.now += 1000;
  assert.equal(suspicion.band(alice), 0);
  suspicion.raise(alice, 'mark', about);
  assert.equal(suspicion.band(alice), 1);
});

test('a mark counts after a decision although the clock was set back', async (t) => {
  const { open, files, clock } = await world(t);
  const suspicion = open();
  files.add(event('lower', clock.now));
  assert.equal(suspicion.band(alice), 0);
  clock.now -= 3_600_000;
  suspicion.raise(alice, 'block', about);
  assert.equal(suspicion.band(alice), 2);
  assert.equal(open().band(alice), 2);
});

test('a decision that nobody of this state has written lowers nothing, and is told', async (t) => {
  const { open, folder, clock, problems } = await world(t);
  open().raise(alice, 'block', about);
  const [person = ''] = readdirSync(folder);
  const [file = ''] = readdirSync(join(folder, person));
  const text = readFileSync(join(folder, person, file), 'utf8');
  const name = `${String(clock.now + 10).padStart(15, '0')}-0123456789abcdef.json`;
  const forged = text
    .replace('"block"', '"lower"')
    .replace(/(?<="time":)\d+/u, String(clock.now + 10));
  assert.notEqual(forged, text);
  writeFileSync(join(folder, person, name), forged, { mode: 0o600 });
  clock.now += 1000;
  assert.equal(open().band(alice), 2);
  assert.match(String(problems), /no gateway of this state wrote it/u);
});

test('a state that cannot be believed counts as a block, and says so once', async (t) => {
  const { open, folder, clock, problems } = await world(t);
  const suspicion = open();
  suspicion.raise(alice, 'mark', about);
  const [person = ''] = readdirSync(folder);
  const [file = ''] = readdirSync(join(folder, person));
  writeFileSync(join(folder, person, file), 'no JSON');
  clock.now += 1000;
  assert.equal(open().band(alice), 2);
  assert.equal(problems.length, 1);
  rmSync(join(folder, person, file));
  chmodSync(join(folder, person), 0o777);
  clock.now += 1000;
  assert.equal(open().band(alice), 2);
});

for (const [which, kind, band] of [
  ['a quarantine', 'quarantine', 3],
  ['a block', 'block', 2],
  ['a mark', 'mark', 1],
] as const)
  test(`${which} whose files are removed stays, and is put back once for all processes`, async (t) => {
    const { open, files, folder, clock } = await world(t);
    const [one, two] = [open(), open()];
    files.add(event(kind, clock.now));
    for (const suspicion of [one, two]) assert.equal(suspicion.band(alice), band);
    const [person = ''] = readdirSync(folder);
    for (const gone of [join(folder, person), folder]) {
      rmSync(gone, { recursive: true });
      clock.now += 1000;
      for (const suspicion of [one, two, open()]) assert.equal(suspicion.band(alice), band);
      assert.equal(readdirSync(join(folder, person)).length, 1);
    }
    clock.now += 1000;
    files.add(event('lower', clock.now));
    clock.now += 1000;
    for (const suspicion of [one, two, open()]) assert.equal(suspicion.band(alice), 0);
    assert.equal(files.read(alice).length, 1, 'what was lowered is put back');
  });

test('a session without a call for half a day is over; one with calls, or a quarantined one, is not', async (t) => {
  const { open, files, clock } = await world(t);
  const suspicion = open();
  suspicion.raise(alice, 'block', about);
  for (let hour = 0; hour < 14; hour++) {
    clock.now += 3_600_000;
    assert.equal(suspicion.band(alice), 2, `hour ${hour}`);
    suspicion.touch(alice);
  }
  assert.equal(open().band(alice), 2);
  clock.now += SESSION_MS + 1;
  assert.equal(open().band(alice), 0);
  assert.equal(suspicion.band(alice), 0);
  files.add(event('quarantine', clock.now));
  clock.now += 10 * SESSION_MS;
  assert.equal(open().band(alice), 3);
});
