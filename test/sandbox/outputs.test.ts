import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { after, describe, test } from 'node:test';
import { LIMITS } from '../../src/sandbox/limits.ts';
import type { Language } from '../../src/sandbox/languages.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Output } from '../../src/sandbox/handover.ts';
import { openMachines } from './microvm-machines.ts';
import { run } from './support.ts';
import { NAMES, openWay, WAYS } from './ways.ts';

const PNG = 'iVBORw0KGgo=';

const WRITES: readonly (readonly [Language, string])[] = [
  [
    'python',
    `import os
os.mkdir("deep")
open("deep/ä b.txt", "w").write("é\\n")
open("p.png", "wb").write(bytes([0x89, 80, 78, 71, 13, 10, 26, 10]))`,
  ],
  [
    'javascript',
    `const fs = require("fs");
fs.mkdirSync("deep");
fs.writeFileSync("deep/ä b.txt", "é\\n");
fs.writeFileSync("p.png", Buffer.from("${PNG}", "base64"));`,
  ],
  ['bash', String.raw`mkdir deep; echo é > "deep/ä b.txt"; printf '\x89PNG\r\n\x1a\n' > p.png`],
];

/** What a program leaves at `out` → what is handed over of it; a second file behind it comes all the same. */
const LEAVES: readonly (readonly [string, string, Output])[] = [
  ['nothing', ':', { error: 'missing' }],
  ['a folder', 'mkdir out', { error: 'not-a-file' }],
  ['a link out of the folder', 'ln -s /etc/passwd out', { error: 'not-a-file' }],
  ['a link to a file beside it', 'ln -s good out', { error: 'not-a-file' }],
  ['a file that may not be read', 'echo x > out; chmod 0 out', { error: 'unreadable' }],
  [
    'more than there may be',
    `head -c ${LIMITS.outputFiles + 1} /dev/zero > out`,
    { error: 'too-large' },
  ],
  ['a file of holes', 'truncate -s 100G out', { error: 'too-large' }],
  [
    'a mark that is made up',
    String.raw`printf '\x1e%s w\x1e' "$(printf '0%.0s' {1..32})" > out`,
    { base64: Buffer.from(`\u001e${'0'.repeat(32)} w\u001e`).toString('base64') },
  ],
];

function tries(sandbox: Sandbox): void {
  for (const [language, code] of WRITES)
    test(`${language} hands over a text and a picture`, async () => {
      const outputs = ['deep/ä b.txt', 'p.png', 'none'];
      const result = await run(sandbox, { language, code, outputs });
      assert.equal(result.exitCode, 0, result.stderr);
      assert.deepEqual(result.outputs, {
        'deep/ä b.txt': { text: 'é\n' },
        'p.png': { base64: PNG },
        none: { error: 'missing' },
      });
    });

  test('a program that is not asked hands nothing over', async () => {
    const { outputs, stdout } = await run(sandbox, {
      language: 'bash',
      code: 'echo x > out; cat out',
    });
    assert.deepEqual([outputs, stdout], [undefined, 'x\n']);
  });

  for (const [what, code, want] of LEAVES)
    test(`of ${what}, what is said is right`, async () => {
      const program = { language: 'bash', code: `${code}\necho good > good\nexit 3` } as const;
      const result = await run(sandbox, { ...program, outputs: ['out', 'good'] });
      assert.equal(result.exitCode, 3, result.stderr);
      assert.deepEqual(result.outputs, { out: want, good: { text: 'good\n' } });
    });

  test('a folder on the way that is a link is not walked', async () => {
    const code = 'mkdir real; echo x > real/a; ln -s real link; ln -s /etc etc';
    const outputs = ['link/a', 'etc/passwd', 'real/a'];
    const result = await run(sandbox, { language: 'bash', code, outputs });
    assert.deepEqual(result.outputs, {
      'link/a': { error: 'not-a-file' },
      'etc/passwd': { error: 'not-a-file' },
      'real/a': { text: 'x\n' },
    });
  });

  test('a process that is left behind reaches no file and no link', async () => {
    const code = `(trap '' TERM HUP
while :; do printf noise; echo mine > new; mv -f new out; ln -sf /etc/passwd new; mv -f new out; done) 2> /dev/null &
sleep 0.3; echo end > good`;
    const outputs = ['good', 'out'];
    const result = await run(sandbox, { language: 'bash', code, outputs });
    const { good, out } = result.outputs ?? {};
    assert.deepEqual(good, { text: 'end\n' });
    const fine = [{ text: 'mine\n' }, { text: '' }, { error: 'not-a-file' }, { error: 'missing' }];
    assert.ok(
      fine.some((each) => isDeepStrictEqual(each, out)),
      JSON.stringify(out),
    );
  });

  test('a socket is no file', async () => {
    const code = 'import socket; socket.socket(socket.AF_UNIX).bind("out")';
    const { outputs, stderr } = await run(sandbox, { code, outputs: ['out'] });
    assert.deepEqual(outputs, { out: { error: 'not-a-file' } }, stderr);
  });

  test('a program that is ended hands nothing over', async () => {
    const code = 'echo x > out; yes';
    const result = await run(sandbox, { language: 'bash', code, outputs: ['out'] });
    assert.deepEqual(
      [result.ended, result.outputs],
      ['output-limit', { out: { error: 'unreadable' } }],
    );
  });
}

for (const name of NAMES)
  describe(`files out of ${WAYS[name].title}`, { skip: WAYS[name].missing, concurrency: 2 }, () => {
    const sandbox = openWay(name);
    after(async () => await sandbox.close());
    tries(sandbox);
  });

const noQemu = process.env['SALLYPORT_NO_QEMU'] ?? false;

// The one way without a system call filter: elsewhere nobody makes a pipe.
test(
  'a virtual machine hands files over, opens no pipe and follows no link',
  { skip: noQemu },
  async () => {
    const sandbox = openMachines();
    const code = `mkfifo pipe; ln -s /etc etc; echo x > file; (while :; do printf noise; done) & exit 3`;
    const outputs = ['pipe', 'etc/passwd', 'file', 'none'];
    const result = await run(sandbox, { language: 'bash', code, outputs });
    await sandbox.close();
    assert.equal(result.exitCode, 3, result.stderr);
    assert.deepEqual(result.outputs, {
      pipe: { error: 'not-a-file' },
      'etc/passwd': { error: 'not-a-file' },
      file: { text: 'x\n' },
      none: { error: 'missing' },
    });
  },
);
