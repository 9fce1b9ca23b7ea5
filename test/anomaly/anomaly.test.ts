import assert from 'node:assert/strict';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { LIMITS, profiles } from '../../src/anomaly/profile.ts';
import { scratch } from '../support/scratch.ts';
import { DAY, openAnomaly, sending, teachUsual, usual } from './support.ts';

const ODD = { ...usual(3), to: 'drop@evil.example' };

async function callsIn(path: string): Promise<number | undefined> {
  const { tools } = profiles.parse(JSON.parse(await readFile(path, 'utf8')));
  return tools['mail/send']?.calls;
}

/** What differs from a usual call, and what that is called. */
const DEVIATIONS = [
  ['another recipient', { to: 'drop@evil.example' }, '/to recipient'],
  ['another domain', { to: 'ann@work.example.evil.example' }, '/to domain'],
  ['an address where none is', { subject: 'drop@evil.example' }, '/subject domain'],
  ['another host', { link: 'https://evil.example/page/1' }, '/link host'],
  ['a large number', { amount: 90_000 }, '/amount size'],
  ['a negative number', { amount: -40 }, '/amount size'],
  ['a text for a number', { amount: 'all of it' }, '/amount kind'],
  ['a long text', { subject: 'Report of week 3 '.repeat(400) }, '/subject length'],
  ['a command', { subject: 'Report; $(id)' }, '/subject characters'],
  ['hidden characters', { subject: 'Report of week\u200b 3' }, '/subject characters'],
  ['an argument that is never set', { cc: 'ann' }, ' arguments'],
  ['an undeclared argument', { bcc: 'x' }, ' arguments'],
] as const;

for (const [name, change, want] of DEVIATIONS)
  test(`unlike earlier calls: ${name}`, async (context) => {
    const bench = openAnomaly(join(await scratch(context), 'anomaly.json'));
    await teachUsual(bench);
    for (let at = 0; at < 40; at++)
      assert.deepEqual(bench.scoreOf(sending(usual(at))), { score: 0, reasons: [] });
    const found = bench.scoreOf(sending({ ...usual(3), ...change }));
    assert.ok((found?.score ?? 0) >= 90, JSON.stringify(found));
    assert.ok(found?.reasons.some((each) => `${each.argument} ${each.statistic}` === want), JSON.stringify(found));
    assert.deepEqual(bench.problems, []);
  }); // prettier-ignore

test('what is different in every call is not odd', async (context) => {
  const bench = openAnomaly(join(await scratch(context), 'anomaly.json'));
  for (let at = 0; at < 60; at++)
    bench.learn(sending({ ...usual(at), to: `customer-${at}@host-${at}.example` }, `user-${at % 3}`));
  await bench.flush();
  assert.equal(bench.scoreOf(sending({ ...usual(1), to: 'customer-999@host-999.example' }))?.score, 0);
}); // prettier-ignore

test('there is no score before enough is known, and none for another definition', async (context) => {
  const bench = openAnomaly(join(await scratch(context), 'anomaly.json'));
  for (let at = 0; at < LIMITS.cold - 1; at++) bench.learn(sending(usual(at), `user-${at % 3}`));
  await bench.flush();
  assert.equal(bench.scoreOf(sending(ODD)), undefined);
  bench.learn(sending(usual(1), 'dora'));
  await bench.flush();
  assert.ok((bench.scoreOf(sending(ODD))?.score ?? 0) > 80);
  const call = sending(ODD);
  const changed = { ...call, subject: { ...call.subject, hash: 'another' } };
  assert.equal(bench.scoreOf(changed), undefined);
});

test('nobody gets it used to something within one day', async (context) => {
  const path = join(await scratch(context), 'anomaly.json');
  const bench = openAnomaly(path);
  await teachUsual(bench);
  for (let round = 0; round < 40; round++)
    for (const user of ['mallory', 'alice', 'bob']) bench.learn(sending(ODD, user));
  await bench.flush();
  assert.ok((bench.scoreOf(sending(ODD))?.score ?? 0) >= 80);
  // A thousand calls count as twenty.
  assert.equal(await callsIn(path), 2 * 45 + 60);
  bench.clock += DAY;
  bench.learn(sending(ODD));
  await bench.flush();
  assert.equal(bench.scoreOf(sending(ODD))?.score, 0);
});

test('something new in every call makes nothing usual that is new', async (context) => {
  const bench = openAnomaly(join(await scratch(context), 'anomaly.json'));
  await teachUsual(bench, 10);
  for (let round = 0; round < 100; round++)
    bench.learn(sending({ ...ODD, to: `drop-${round}@evil-${round}.example` }, 'mallory'));
  await bench.flush();
  assert.ok((bench.scoreOf(sending(ODD))?.score ?? 0) >= 90);
});

test('alone in front of a new tool nobody teaches enough on one day', async (context) => {
  const bench = openAnomaly(join(await scratch(context), 'anomaly.json'));
  for (let round = 0; round < 500; round++) bench.learn(sending(ODD, 'mallory'));
  await bench.flush();
  assert.equal(bench.scoreOf(sending(usual(1))), undefined);
});

test('what floods it makes it neither large nor blind', async (context) => {
  const path = join(await scratch(context), 'anomaly.json');
  const bench = openAnomaly(path);
  await teachUsual(bench);
  for (let day = 0; day < 4; day++) {
    for (let at = 0; at < 60; at++) {
      const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`__proto__${at} ${n}`, n]));
      const to = Array.from({ length: 200 }, (_, n) => `${at}-${n}-${day}@${n}.example`);
      bench.learn(sending({ ...usual(at), ...many, to }, `mallory-${at % 2}`));
    }
    await bench.flush();
    bench.clock += DAY;
  }
  assert.ok((await stat(path)).size < 200_000);
  assert.deepEqual(bench.problems, []);
  assert.ok((bench.scoreOf(sending({ ...usual(1), link: 'https://evil.example/' }))?.score ?? 0) >= 80);
}); // prettier-ignore

test('no value is kept, and nobody else may read what is', async (context) => {
  const path = join(await scratch(context), 'anomaly.json');
  const bench = openAnomaly(path);
  await teachUsual(bench);
  const text = await readFile(path, 'utf8');
  assert.match(text, /mail\/send/u);
  for (const value of ['work.example', 'ann', 'wiki', 'Report', 'alice', 'week'])
    assert.ok(!text.includes(value), value);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

const BROKEN = [
  ['half of it', (text: string) => text.slice(0, text.length / 2)],
  ['of another version', (text: string) => text.replace('"version":1', '"version":2')],
  ['with what is none', (text: string) => text.replace(/"calls":\d+/u, '"calls":-1')],
  ['empty', () => ''],
  ['too long', (text: string) => text + ' '.repeat(17_000_000)],
] as const;

for (const [name, spoil] of BROKEN)
  test(`a file that is ${name} is told of and begun anew`, async (context) => {
    const path = join(await scratch(context), 'anomaly.json');
    await teachUsual(openAnomaly(path));
    await writeFile(path, spoil(await readFile(path, 'utf8')));
    const bench = openAnomaly(path);
    assert.equal(bench.scoreOf(sending(ODD)), undefined);
    assert.ok(bench.problems.length > 0);
    await teachUsual(bench);
    assert.ok((bench.scoreOf(sending(ODD))?.score ?? 0) >= 80);
  });

test('a link in place of the file is not followed', async (context) => {
  const folder = await scratch(context);
  await teachUsual(openAnomaly(join(folder, 'elsewhere.json')));
  await symlink(join(folder, 'elsewhere.json'), join(folder, 'anomaly.json'));
  const bench = openAnomaly(join(folder, 'anomaly.json'));
  assert.equal(bench.scoreOf(sending(ODD)), undefined);
  assert.ok(bench.problems.length > 0);
  const before = await readFile(join(folder, 'elsewhere.json'), 'utf8');
  await teachUsual(bench);
  assert.equal(await readFile(join(folder, 'elsewhere.json'), 'utf8'), before);
  assert.ok((bench.scoreOf(sending(ODD))?.score ?? 0) >= 80);
});

test('two gateways learn side by side and from each other', async (context) => {
  const path = join(await scratch(context), 'anomaly.json');
  const [one, two] = [openAnomaly(path), openAnomaly(path)];
  for (let at = 0; at < 15; at++) {
    one.learn(sending(usual(at), 'alice'));
    two.learn(sending(usual(at), 'bob'));
    await Promise.all([one.flush(), two.flush()]);
  }
  for (const bench of [one, two]) {
    bench.clock += 10_000;
    assert.ok((bench.scoreOf(sending(ODD))?.score ?? 0) >= 80);
    assert.deepEqual(bench.problems, []);
  }
  assert.equal(await callsIn(path), 30);
});
