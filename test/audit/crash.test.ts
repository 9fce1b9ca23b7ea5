import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { verifyAudit } from '../../src/audit/verify.ts';
import { AuditPlace } from '../support/audit.ts';

const WRITER = fileURLToPath(new URL('../support/audit-writer.js', import.meta.url));

type Writer = {
  readonly said: () => string[];
  readonly until: (lines: number) => Promise<void>;
  readonly kill: () => void;
  readonly ended: Promise<void>;
};

function startWriter(place: AuditPlace, count: number, records = 5, shell = 'exec "$@"'): Writer {
  const child = spawn(
    'bash',
    [
      '-c',
      shell,
      'bash',
      process.execPath,
      WRITER,
      place.path,
      place.stateKeyPath,
      `${count}`,
      `${records}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const said = (): string[] => text.split('\n').slice(0, -1);
  return {
    said,
    async until(lines) {
      for (let waited = 0; said().length < lines; waited += 5) {
        assert.ok(waited < 60_000, 'the writer says nothing');
        await sleep(5);
      }
    },
    kill: () => child.kill('SIGKILL'),
    ended: new Promise((resolve) => child.on('close', () => resolve())),
  };
}

/** Leaves a run that was killed after at least `lines` records. */
async function crash(place: AuditPlace, lines: number, records?: number): Promise<string[]> {
  const writer = startWriter(place, 1_000_000, records);
  await writer.until(lines);
  writer.kill();
  await writer.ended;
  return writer.said();
}

test('what append returned for survives SIGKILL, and a new process goes on', async () => {
  using place = new AuditPlace();
  for (const lines of [1, 40, 300]) {
    const said = await crash(place, lines);
    const segment = place.read(place.segments().at(-1) ?? '');
    assert.match(segment, new RegExp(`"seq":${said.at(-1)},`));
    assert.deepEqual((await place.verify()).problem, null);
  }
  await using audit = await place.open();
  audit.append('gateway-start', {});
  const found = await place.verify();
  assert.deepEqual([found.ok, found.runs, found.warnings], [true, 4, []]);
  assert.deepEqual(place.errors, []);
  assert.equal(place.read('checkpoints').match(/"kind":"recover"/g)?.length, 3);
});

test('the next start signs what a killed process left, so that it cannot be cut off', async () => {
  using place = new AuditPlace();
  await crash(place, 60, 1_000_000);
  const [segment = ''] = place.segments();
  await (await place.open()).close();
  const lines = place.read(segment).split(/(?<=\n)/);
  writeFileSync(join(place.path, segment), lines.slice(0, -1).join(''));
  assert.match((await place.verify()).problem?.what ?? '', /was signed and is missing/);
});

test('half a record at the end of a killed run is told and is no failure', async () => {
  using place = new AuditPlace();
  await crash(place, 5);
  const [segment = ''] = place.segments();
  const path = join(place.path, segment);
  const half = '{"event":"list","hash":"00';
  appendFileSync(path, half);
  const before = await place.verify();
  assert.equal(before.ok, true);
  assert.match(before.warnings.join(), /half a record, left by a crash/);

  await (await place.open()).close();
  assert.equal((await place.verify()).ok, true);
  const recovered = readFileSync(path);
  for (const [name, tail] of [
    ['taken away', ''],
    ['changed', '{"event":"list","hash":"01'],
    ['made longer', `${half}0`],
  ] as const) {
    truncateSync(path, recovered.length - half.length);
    appendFileSync(path, tail);
    assert.equal((await place.verify()).ok, false, `half a record, ${name} after it was signed`);
  }
});

for (const [name, tail] of [
  ['a whole record without its line feed', (last: string) => last.slice(0, -1)],
  ['a whole record with another byte for its line feed', (last: string) => `${last.slice(0, -1)}x`],
  ['something else than a record', () => 'garbage'],
  ['half a record with a line feed', (last: string) => `${last.slice(0, 40)}\n`],
] as const satisfies readonly (readonly [string, (last: string) => string])[])
  test(`${name} is not what a crash leaves`, async () => {
    using place = new AuditPlace();
    await crash(place, 5);
    const [segment = ''] = place.segments();
    const lines = place.read(segment).split(/(?<=\n)/);
    const last = lines.at(-1) ?? '';
    writeFileSync(join(place.path, segment), lines.slice(0, -1).join('') + tail(last));
    assert.equal((await place.verify()).ok, false);
    await (await place.open()).close();
    assert.equal((await place.verify()).ok, false, 'a new start must not make it good');
    assert.match(place.errors.join(), /Cannot vouch for audit records/);
  });

test('half a checkpoint does not hide the whole one before it', async () => {
  using place = new AuditPlace();
  await crash(place, 20);
  const checkpoints = join(place.path, 'checkpoints');
  const last = place.read('checkpoints').trimEnd().split('\n').at(-1) ?? '';
  appendFileSync(checkpoints, `${last.slice(0, last.indexOf(',"sig"'))}\n`);
  await (await place.open()).close();
  assert.deepEqual(place.errors, []);
  assert.equal(place.read('checkpoints').match(/"kind":"recover"/g)?.length, 1);
});

for (const [name, forged] of [
  ['says that it ended', (segment: string) => `{"kind":"close","segment":"${segment}"}`],
  ['cannot be read', (segment: string) => `{"segment":"${segment}"}`],
] as const)
  test(`a line that ${name} neither ends a killed run nor vouches for it`, async () => {
    using place = new AuditPlace();
    await crash(place, 20);
    const [segment = ''] = place.segments();
    appendFileSync(join(place.path, 'checkpoints'), `${forged(segment)}\n`);
    await (await place.open()).close();
    assert.match(place.errors.join(), /Cannot vouch for audit records/);
  });

test('processes that write at the same moment do not disturb each other', async () => {
  using place = new AuditPlace();
  const writers = [1, 2, 3].map(() => startWriter(place, 400, 3));
  // Reading beside the writers is safe as well.
  await Promise.all(writers.map(async (writer) => await writer.until(50)));
  assert.deepEqual((await place.verify()).problem, null);
  await Promise.all(writers.map(async ({ ended }) => await ended));
  for (const { said } of writers) assert.equal(said().at(-1), 'closed');
  const found = await place.verify();
  assert.deepEqual([found.problem, found.runs, found.warnings], [null, 3, []]);
  assert.ok(found.records >= 1_200 + 6);
});

test('a run that is just ending is given time for its last checkpoint, and no more', async () => {
  using place = new AuditPlace();
  // Its process is this one, which runs on.
  await (await place.open()).close();
  const path = join(place.path, 'checkpoints');
  const lines = place.read('checkpoints').split(/(?<=\n)/);
  writeFileSync(path, lines.slice(0, -1).join(''));
  // The state remembers how many lines there were, and is not asked here.
  const verify = async (): Promise<unknown> => (await verifyAudit({ path: place.path })).problem;
  const found = verify();
  await sleep(100);
  writeFileSync(path, lines.join(''));
  assert.equal(await found, null);

  writeFileSync(path, lines.slice(0, -1).join(''));
  assert.match(inspect(await verify()), /last checkpoint of .* is missing/);
});

test('a full disk makes append throw, and leaves nothing half written', async () => {
  using place = new AuditPlace();
  // Past the limit the kernel writes what fits and then fails, as a full disk does.
  const writer = startWriter(place, 10_000, 1_000_000, `trap '' XFSZ; ulimit -f 16; exec "$@"`);
  await writer.ended;
  const said = writer.said();
  assert.match(said.at(-1) ?? '', /^failed .*(bytes were written|EFBIG)/);
  const [segment = ''] = place.segments();
  // On a slow machine a second passes, and a checkpoint is written down among them.
  const lines = place.read(segment).trimEnd().split('\n');
  const own = lines.filter((line) => !line.includes('"event":"checkpoint"'));
  assert.equal(own.length, said.length);
  const found = await place.verify();
  assert.deepEqual([found.problem, found.warnings], [null, []]);
});

test('half a checkpoint left by a full disk is told, and the next line vouches for it', async () => {
  using place = new AuditPlace();
  const audit = await place.open();
  const path = join(place.path, 'checkpoints');
  appendFileSync(path, '{"count":2,"ha');
  await audit.close();
  const found = await place.verify();
  assert.equal(found.ok, true);
  assert.match(found.warnings.join(), /checkpoints, line 3: half a line/);
  writeFileSync(path, place.read('checkpoints').replace('"count":2,"ha\n', '"count":2,"hb\n'));
  assert.equal((await place.verify()).problem?.line, 3);
});

for (const [name, damage] of [
  ['removed', (place: AuditPlace, file: string) => rmSync(join(place.path, file))],
  ['cut', (place: AuditPlace, file: string) => truncateSync(join(place.path, file), 10)],
  ['written to', (place: AuditPlace, file: string) => appendFileSync(join(place.path, file), 'x')],
  ['gone with its folder', (place: AuditPlace) => rmSync(place.path, { recursive: true })],
] as const satisfies readonly (readonly [string, (place: AuditPlace, file: string) => void])[])
  test(`append throws once its segment is ${name}`, async () => {
    using place = new AuditPlace();
    const audit = await place.open();
    audit.append('list', {});
    damage(place, place.segments()[0] ?? '');
    for (let attempt = 0; attempt < 2; attempt++)
      assert.throws(() => audit.append('list', {}), /Cannot write the audit: .* by somebody else/);
    await assert.rejects(audit.close());
  });

for (const [name, damage] of [
  ['the folder is renamed', (place: AuditPlace) => renameSync(place.path, `${place.path}2`)],
  ['the checkpoints are removed', (place: AuditPlace) => rmSync(join(place.path, 'checkpoints'))],
  ['the checkpoints are cut', (place: AuditPlace) => truncateSync(join(place.path, 'checkpoints'))],
] as const satisfies readonly (readonly [string, (place: AuditPlace) => void])[])
  test(`append throws as soon as a checkpoint fails because ${name}`, async () => {
    using place = new AuditPlace();
    const audit = await place.open({ limits: { ms: 10 } });
    damage(place);
    audit.append('list', {});
    for (let waited = 0; place.errors.length === 0 && waited < 30_000; waited += 10)
      await sleep(10);
    assert.equal(place.errors.length, 1);
    assert.throws(() => audit.append('list', {}));
    await assert.rejects(audit.close());
  });
