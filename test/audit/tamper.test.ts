import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { sealCheckpoint } from '../../src/audit/checkpoint.ts';
import { readAuditKey, openAuditKey } from '../../src/audit/key.ts';
import {
  chainStart,
  membersOf,
  readCanonical,
  readRecord,
  sealRecord,
} from '../../src/audit/record.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { AuditPlace } from '../support/audit.ts';

/** Three runs: one of two segments, one that ended in an orderly way, one that still runs. */
async function writeSome(place: AuditPlace): Promise<void> {
  const limits = { bytes: 3_000, records: 4, ms: 60_000 };
  for (const records of [7, 3]) {
    await using audit = await place.open({ limits });
    for (let at = 0; at < records; at++) {
      audit.append('list', { count: at, text: 'wide ü 𝄞 \u0007 and narrow' });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

test('every flipped, added or removed byte is noticed, in segments and checkpoints', async () => {
  using place = new AuditPlace();
  const audit = await place.open({ limits: { bytes: 900 } });
  for (const text of ['wide ü 𝄞', 'narrow']) audit.append('list', { text });
  await audit.close();
  assert.equal(place.segments().length, 2);
  assert.deepEqual((await place.verify()).problem, null);
  const copy = place.copy('damaged');
  const missed: string[] = [];
  for (const file of readdirSync(copy)) {
    const path = join(copy, file);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      // Another bit at each place, so that letters also change their case.
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const removed = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]);
      const added = Buffer.concat([whole.subarray(0, at), Buffer.from(' '), whole.subarray(at)]);
      const variants = at % 7 === 0 ? { flipped, removed, added } : { flipped };
      for (const [how, bytes] of Object.entries(variants)) {
        writeFileSync(path, bytes);
        if ((await place.verify(copy)).ok) missed.push(`${file} byte ${at} ${how}`);
      }
    }
    writeFileSync(path, whole);
  }
  assert.deepEqual(missed, []);
});

test('random edits are noticed without the state too', async () => {
  using place = new AuditPlace();
  await writeSome(place);
  const copy = place.copy('damaged');
  const files = readdirSync(copy);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.nat(40),
      fc.uint8Array({ maxLength: 40 }),
      async (file, where, length, bytes) => {
        const path = join(copy, file);
        const whole = readFileSync(path);
        const at = Math.floor(where * whole.length);
        if (whole.subarray(at, at + length).equals(bytes)) return;
        writeFileSync(
          path,
          Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + length)]),
        );
        const { ok } = await verifyAudit({ path: copy });
        writeFileSync(path, whole);
        assert.equal(ok, false);
      },
    ),
    { numRuns: 100 },
  );
});

type Damage = (folder: string, segments: string[]) => void;
function edit(folder: string, file: string, change: (lines: string[]) => string[]): void {
  const path = join(folder, file);
  writeFileSync(path, change(readFileSync(path, 'utf8').split(/(?<=\n)/)).join(''));
}

for (const [name, damage, file, what] of [
  [
    'a record is removed',
    (folder, [first = '']) => edit(folder, first, (lines) => lines.toSpliced(2, 1)),
    /0001\.jsonl$/,
    /seq is 3, 2 was next/,
  ],
  [
    'two records change places',
    (folder, [first = '']) =>
      edit(folder, first, ([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest]),
    /0001\.jsonl$/,
    /seq is 2, 1 was next/,
  ],
  [
    'a record is written twice',
    (folder, [first = '']) => edit(folder, first, ([a = '', ...rest]) => [a, a, ...rest]),
    /0001\.jsonl$/,
    /seq is 0, 1 was next/,
  ],
  [
    'white space is added',
    (folder, [first = '']) => edit(folder, first, ([a = '', ...rest]) => [` ${a}`, ...rest]),
    /0001\.jsonl$/,
    /canonical/,
  ],
  [
    'the end of a segment is cut off',
    (folder, segments) => edit(folder, segments.at(-1) ?? '', (lines) => lines.slice(0, -1)),
    /\.jsonl$/,
    /was signed and is missing/,
  ],
  [
    'a segment in the middle of a run is removed',
    (folder, [, second = '']) => rmSync(join(folder, second)),
    /0002\.jsonl$/,
    /the segment is missing/,
  ],
  [
    'a whole run is removed',
    (folder, segments) => rmSync(join(folder, segments.at(-1) ?? '')),
    /\.jsonl$/,
    /the segment is missing/,
  ],
  [
    'two segments change names',
    (folder, segments) => {
      const [a = '', b = ''] = [segments[0], segments.at(-1)];
      renameSync(join(folder, a), join(folder, 'x'));
      renameSync(join(folder, b), join(folder, a));
      renameSync(join(folder, 'x'), join(folder, b));
    },
    /0001\.jsonl$/,
    /prev is not the hash/,
  ],
  [
    'a segment is emptied',
    (folder, [first = '']) => writeFileSync(join(folder, first), ''),
    /0001\.jsonl$/,
    /was signed and is missing/,
  ],
  [
    'the last checkpoint is removed',
    (folder) => edit(folder, 'checkpoints', (lines) => lines.slice(0, -1)),
    /checkpoints/,
    /is missing|remembers/,
  ],
  [
    'a checkpoint in the middle is removed',
    (folder) => edit(folder, 'checkpoints', (lines) => lines.toSpliced(2, 1)),
    /checkpoints/,
    /not those/,
  ],
  [
    'two checkpoints change places',
    (folder) =>
      edit(folder, 'checkpoints', ([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest]),
    /checkpoints/,
    /not those/,
  ],
  [
    'a run is removed with all its checkpoints',
    (folder, segments) => {
      const gone = segments[0]?.replace(/\d{4}\.jsonl$/, '') ?? '';
      for (const segment of segments) if (segment.startsWith(gone)) rmSync(join(folder, segment));
      edit(folder, 'checkpoints', (lines) => lines.filter((line) => !line.includes(gone)));
    },
    /checkpoints/,
    /not those/,
  ],
  [
    'the last run is removed with all its checkpoints',
    (folder, segments) => {
      rmSync(join(folder, segments.at(-1) ?? ''));
      edit(folder, 'checkpoints', (lines) =>
        lines.filter((line) => !line.includes(segments.at(-1) ?? '')),
      );
    },
    /checkpoints/,
    /the state remembers/,
  ],
  [
    'the checkpoints are removed',
    (folder) => rmSync(join(folder, 'checkpoints')),
    /checkpoints/,
    /missing/,
  ],
  [
    'a segment that nobody signed is added',
    (folder) => {
      const run = '20260101T000000000Z-1-0123456789ab';
      const first = sealRecord(membersOf({ ...RECORD, event: 'audit-open' }), {
        seq: 0,
        prev: chainStart(run),
      });
      const second = sealRecord(membersOf({ ...RECORD, event: 'list' }), {
        seq: 1,
        prev: first.hash,
      });
      writeFileSync(join(folder, `${run}.0001.jsonl`), first.line + second.line);
    },
    /^20260101/,
    /no checkpoint was ever signed/,
  ],
  [
    'records with right hashes are added to a run that ended',
    (folder, segments) => {
      const file = segments.at(-1) ?? '';
      edit(folder, file, (lines) => {
        const last = readRecord(Buffer.from((lines.at(-1) ?? '').trimEnd()));
        assert.ok(typeof last === 'object');
        const end = { seq: last.seq + 1, prev: last.hash };
        const more = sealRecord(membersOf({ ...RECORD, event: 'list' }), end);
        return [...lines, more.line];
      });
    },
    /\.jsonl$/,
    /a record follows the end/,
  ],
] as const satisfies readonly (readonly [string, Damage, RegExp, RegExp])[])
  test(`verification names the place when ${name}`, async () => {
    using place = new AuditPlace();
    await writeSome(place);
    const copy = place.copy('damaged');
    damage(copy, place.segments());
    const { ok, problem } = await place.verify(copy);
    assert.equal(ok, false);
    assert.match(problem?.file ?? '', file);
    assert.match(problem?.what ?? '', what);
  });

const RECORD = { time: '2026-01-01T00:00:00.000Z', traceId: '1'.repeat(32) };

test('a folder rewritten from the start with another key does not verify against the state', async () => {
  using place = new AuditPlace();
  await writeSome(place);
  using forged = new AuditPlace();
  await writeSome(forged);
  assert.equal((await verifyAudit({ path: forged.path })).ok, true);
  const publicKey = readAuditKey(place.stateKeyPath).publicKey;
  const { problem } = await verifyAudit({ path: forged.path, publicKey });
  assert.deepEqual([problem?.file, problem?.line], ['checkpoints', 1]);
});

test('a checkpoint of another key in the middle is refused', async () => {
  using place = new AuditPlace();
  await writeSome(place);
  const other = openAuditKey(join(place.root, 'other.json'));
  edit(place.path, 'checkpoints', (lines) => {
    const { sig: _, ...parts } = readCanonical(Buffer.from((lines[1] ?? '').trimEnd())) ?? {};
    return lines.toSpliced(1, 1, sealCheckpoint(parts, other.sign));
  });
  const { problem } = await place.verify();
  assert.deepEqual([problem?.line, problem?.what], [2, 'the signature does not fit the line']);
});

test('a new start after the history was taken away says so in its first record and in the log', async () => {
  using place = new AuditPlace();
  await writeSome(place);
  rmSync(place.path, { recursive: true });
  await using audit = await place.open();
  assert.equal(audit.arguments, 'digest');
  assert.match(place.errors.join(), /Cannot find earlier audit records/);
  assert.match(place.read(place.segments()[0] ?? ''), /"missing":\{"count":\d/);
});
