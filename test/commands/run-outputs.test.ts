import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { command } from '../../src/commands/run.ts';
import { runCommand, type Ran } from '../support/run-command.ts';
import { scratch } from '../support/scratch.ts';

async function sallyportRun(cwd: string, code: string, outputs: readonly string[]): Promise<Ran> {
  const wanted = outputs.flatMap((path) => ['--output', path]);
  const argv = ['--tier', 'wasm', '--lang', 'javascript', ...wanted, '-'];
  return await runCommand(command, argv, { env: {}, cwd, typed: code });
}

const WRITE = `const fs = require('fs'); fs.mkdirSync('deep'); fs.writeFileSync('deep/a.txt', 'é');
fs.writeFileSync('p.png', Buffer.from('iVBORw0KGgo=', 'base64')); fs.writeFileSync('more', '');`;

test('run writes the files that were asked for, byte for byte, and no others', async (t) => {
  const cwd = await scratch(t);
  const ran = await sallyportRun(cwd, WRITE, ['deep/a.txt', 'p.png']);
  assert.deepEqual(ran, { exit: 0, stdout: '', stderr: '' });
  const all = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).toSorted();
  assert.deepEqual(all, ['deep', 'deep/a.txt', 'p.png']);
  assert.equal(readFileSync(join(cwd, 'deep/a.txt'), 'utf8'), 'é');
  assert.equal(readFileSync(join(cwd, 'p.png'), 'base64'), 'iVBORw0KGgo=');
});

for (const [end, exit] of [
  ['', 1],
  ['process.exit(7)', 7],
] as const)
  test(`run says which file did not come, and exits with ${exit}`, async (t) => {
    const cwd = await scratch(t);
    const ran = await sallyportRun(cwd, `${WRITE} ${end}`, ['none', 'p.png']);
    assert.deepEqual([ran.exit, readdirSync(cwd)], [exit, ['p.png']]);
    assert.match(ran.stderr, /no none: missing/u);
  });

const REFUSED = [
  ['a file that is here already', 'here', /Cannot write here: it is here already/u],
  ['a folder that is here already', 'folder', /Cannot write folder: it is here already/u],
  ['a link that leads nowhere', 'dangling', /it is here already/u],
  ['a folder that is a file', 'here/x', /Cannot write here\/x: here is here already/u],
  ['a folder that is a link', 'out/x', /out is here already/u],
  ['the folder above', '../x', /not a path inside the working folder/u],
  ['a path from the root', '/tmp/x', /not a path inside the working folder/u],
] as const;
for (const [what, path, message] of REFUSED)
  test(`run refuses to write ${what}, before it runs anything`, async (t) => {
    const cwd = await scratch(t);
    const outside = await scratch(t);
    writeFileSync(join(cwd, 'here'), 'mine');
    mkdirSync(join(cwd, 'folder'));
    symlinkSync(join(cwd, 'nowhere'), join(cwd, 'dangling'));
    symlinkSync(outside, join(cwd, 'out'));
    const ran = await sallyportRun(cwd, 'console.log("it ran")', ['good', path]);
    assert.deepEqual([ran.exit, ran.stdout], [2, '']);
    assert.match(ran.stderr, message);
    assert.equal(readFileSync(join(cwd, 'here'), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(outside), []);
  });
