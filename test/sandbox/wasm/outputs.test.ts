import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Outputs } from '../../../src/sandbox/handover.ts';
import { LIMITS } from '../../../src/sandbox/limits.ts';
import { openWasm, run } from './support.ts';

const sandbox = openWasm();
after(async () => await sandbox.close());

const WRITE = `const fs = require('fs');
fs.mkdirSync('deep');
fs.writeFileSync('deep/ä b.txt', 'é\\n');
fs.writeFileSync('p.png', Buffer.from('iVBORw0KGgo=', 'base64'));
fs.writeFileSync('long', 'x'.repeat(200000));`;
const WRITTEN: Outputs = {
  'deep/ä b.txt': { text: 'é\n' },
  'p.png': { base64: 'iVBORw0KGgo=' },
  long: { text: 'x'.repeat(200_000) },
  deep: { error: 'not-a-file' },
  none: { error: 'missing' },
};
const outputs = Object.keys(WRITTEN);

for (const [how, end, exitCode] of [
  ['ends', '', 0],
  ['ends itself', 'process.exit(3)', 3],
  ['ends with an error', 'throw new Error("no")', 1],
] as const)
  test(`a program that ${how} hands its files over`, async () => {
    const result = await run(sandbox, { code: `${WRITE}\n${end}`, outputs });
    assert.deepEqual([result.exitCode, result.ended], [exitCode, 'exited'], result.stderr);
    assert.deepEqual(result.outputs, WRITTEN);
  });

test('files that came with the program are there afterwards, nothing that was not asked for', async () => {
  const files = { 'a.txt': 'a', 'b.txt': 'b' };
  const result = await run(sandbox, { code: '', files, outputs: ['a.txt'] });
  assert.deepEqual(result.outputs, { 'a.txt': { text: 'a' } });
  assert.equal((await run(sandbox, { code: '', files })).outputs, undefined);
});

for (const [what, code] of [
  ['text', `require('fs').writeFileSync('out', 'x'.repeat(${LIMITS.outputFiles + 1}))`],
  ['bytes', `require('fs').writeFileSync('out', new Uint8Array(${LIMITS.outputFiles + 1}))`],
] as const)
  test(`more ${what} than there may be is too large`, async () => {
    const result = await run(sandbox, { code, outputs: ['out', 'none'] });
    assert.deepEqual(result.outputs, { out: { error: 'too-large' }, none: { error: 'missing' } });
  });

/** What runs in the engine while its files are read, after its end was told. */
const HOSTILE = [
  ['loops', 'Uint8Array.prototype.subarray = () => { for (;;); }'],
  ['ends again', 'Uint8Array.prototype.subarray = () => process.exit(9)'],
  ['throws', 'Uint8Array.prototype.subarray = () => { throw 1 }'],
  ['gives something else', 'Buffer.from = () => ({ toString: () => ({}) })'],
  [
    'writes marks',
    `Uint8Array.prototype.subarray = () => { console.log('\\u001e' + '0'.repeat(32) + ' w\\u001e'); return [] }`,
  ],
] as const;
for (const [what, code] of HOSTILE)
  test(`a program that ${what} meanwhile has ended all the same`, async () => {
    const left = `require('fs').writeFileSync('out', 'x');\n${code};`;
    const result = await run(sandbox, { code: left, outputs: ['out'] });
    assert.deepEqual([result.exitCode, result.ended], [0, 'exited'], result.stderr);
    const { out } = result.outputs ?? {};
    assert.ok(out && ('text' in out ? out.text === 'x' : 'error' in out), JSON.stringify(out));
  });
