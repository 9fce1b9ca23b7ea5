import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { createCapture } from '../../src/sandbox/capture.ts';
import { createDemux } from '../../src/sandbox/demux.ts';

const TOKEN = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
const mark = (token: string, code: number): string => `\u001e${token} ${code}\u001e`;

function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

const CASES: readonly (readonly [
  string,
  string,
  { text: string; code?: number; cut?: boolean },
])[] = [
  ['an empty program', mark(TOKEN, 0), { text: '', code: 0 }],
  ['output and an exit code', `out\n${mark(TOKEN, 137)}`, { text: 'out\n', code: 137 }],
  ['what comes after the mark', `a${mark(TOKEN, 3)}b${mark(TOKEN, 4)}`, { text: 'a', code: 3 }],
  ['a mark of another token', mark('0'.repeat(32), 0), { text: mark('0'.repeat(32), 0) }],
  [
    'a mark that is cut',
    `x${mark(TOKEN, 0).slice(0, -1)}`,
    { text: `x${mark(TOKEN, 0).slice(0, -1)}` },
  ],
  ['exactly the limit', `${'x'.repeat(64)}${mark(TOKEN, 0)}`, { text: 'x'.repeat(64), code: 0 }],
  [
    'one byte more',
    `${'x'.repeat(65)}${mark(TOKEN, 0)}`,
    { text: 'x'.repeat(64), code: 0, cut: true },
  ],
  ['a flood', 'x'.repeat(4096), { text: 'x'.repeat(64), cut: true }],
];
for (const [name, stream, { text, code, cut = false }] of CASES)
  for (const size of [1, 7, 4096])
    test(`${name} is read the same in pieces of ${size}`, () => {
      const capture = createCapture(64, TOKEN);
      for (const piece of pieces(Buffer.from(stream), [size])) capture.write(piece);
      assert.deepEqual([capture.text(), capture.exitCode, capture.truncated], [text, code, cut]);
    });

test('the attach stream is split the same however it is cut', () => {
  const frame = fc.record({ err: fc.boolean(), bytes: fc.uint8Array({ maxLength: 40 }) });
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), sizes, (frames, cuts) => {
      const seen = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
      const demux = createDemux((from, chunk) => {
        seen[from] = Buffer.concat([seen[from], chunk]);
      });
      const encoded = frames.map(({ err, bytes }) => {
        const header = Buffer.from([err ? 2 : 1, 0, 0, 0, 0, 0, 0, 0]);
        header.writeUInt32BE(bytes.length, 4);
        return Buffer.concat([header, bytes]);
      });
      for (const piece of pieces(Buffer.concat(encoded), cuts)) demux(piece);
      const want = (err: boolean): Buffer =>
        Buffer.concat(frames.filter((one) => one.err === err).map(({ bytes }) => bytes));
      assert.deepEqual([seen.stdout, seen.stderr], [want(false), want(true)]);
    }),
  );
});

test('a hundred thousand frames in one piece do not exhaust the stack', () => {
  let bytes = 0;
  const demux = createDemux((_, chunk) => {
    bytes += chunk.length;
  });
  const one = Buffer.from([1, 0, 0, 0, 0, 0, 0, 1, 120]);
  demux(Buffer.concat(Array.from({ length: 100_000 }, () => one)));
  assert.equal(bytes, 100_000);
});
