import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { command } from '../../src/commands/run.ts';
import { Fault } from '../../src/lib/fault.ts';
import { CACHE, noDocker } from './support.ts';

async function sallyportRun(
  argv: readonly string[],
  {
    stdin = '',
    env = {},
    cwd = '/',
  }: { stdin?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string; hint?: string | undefined }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let outcome: { code: number; fault?: Fault };
  try {
    const io = {
      stdin: Readable.from([stdin]),
      stdout,
      stderr,
      env: { ...process.env, ...env },
      cwd,
    };
    outcome = { code: await command.run(argv, io) };
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    outcome = { code: error.exit, fault: error };
  }
  stdout.end();
  stderr.end(outcome.fault?.message);
  return {
    code: outcome.code,
    hint: outcome.fault?.hint,
    stdout: await text(stdout),
    stderr: await text(stderr),
  };
}

const REFUSED: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ['no language', ['-'], 2, /--lang must be python, javascript, bash/],
  ['an unknown language', ['--lang', 'cobol', '-'], 2, /--lang must be/],
  ['a name every object has', ['--lang', 'constructor', '-'], 2, /--lang must be/],
  ['no file', ['--lang', 'bash'], 2, /expected one FILE/],
  ['two files', ['--lang', 'bash', 'a', 'b'], 2, /expected one FILE/],
  ['a file that is not there', ['--lang', 'bash', 'nowhere.sh'], 2, /nowhere.sh cannot be read/],
  ['an unknown tier', ['--lang', 'bash', '--tier', 'toString', '-'], 2, /--tier must be/],
  ['a time limit that is no number', ['--lang', 'bash', '--timeout', '1e3', '-'], 2, /--timeout/],
  [
    'a way out to an address',
    ['--lang', 'bash', '--egress', '10.0.0.1:80', '-'],
    2,
    /--egress: expected a host/,
  ],
  [
    'a way out to no port',
    ['--lang', 'bash', '--egress', 'a.example:65536', '-'],
    2,
    /--egress: the port is/,
  ],
  ['an option that does not exist', ['--lang', 'bash', '--privileged', '-'], 2, /privileged/],
];
for (const [name, argv, code, message] of REFUSED)
  test(`run refuses ${name} with exit code ${code}`, async () => {
    const result = await sallyportRun(argv, { stdin: 'echo it ran' });
    assert.equal(result.code, code);
    assert.match(result.stderr, message);
    assert.equal(result.stdout, '');
  });

test('run without bubblewrap has no tier process, and takes no other', async () => {
  const argv = ['--lang', 'bash', '--tier', 'process', '-'];
  const result = await sallyportRun(argv, { stdin: 'echo it ran', env: { PATH: '/nonexistent' } });
  assert.equal(result.code, 3);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /there is no bwrap here/);
  assert.match(result.hint ?? '', /apt-get install/);
});

test('run without Docker and gVisor exits 3 with a hint', async () => {
  const env = { DOCKER_HOST: 'unix:///nonexistent/docker.sock', PATH: '/nonexistent' };
  const result = await sallyportRun(['--lang', 'bash', '-'], { stdin: 'echo it ran', env });
  assert.equal(result.code, 3);
  assert.equal(result.stdout, '');
  assert.match(result.hint ?? '', /install Docker and gVisor/);
});

test('run without virtual machines exits 3 and names what to install', async () => {
  const env = { DOCKER_HOST: 'unix:///nonexistent/docker.sock', PATH: '/nonexistent' };
  const argv = ['--lang', 'bash', '--tier', 'microvm', '-'];
  const result = await sallyportRun(argv, { stdin: 'echo it ran', env });
  assert.equal(result.code, 3);
  assert.equal(result.stdout, '');
  assert.match(result.hint ?? '', /apt-get install qemu-system-x86 bubblewrap.*Kata Containers/);
});

describe('with gVisor', { skip: noDocker, concurrency: 2 }, () => {
  const env = { XDG_CACHE_HOME: dirname(CACHE) };

  test('run passes on what the program prints and its exit code', async (t) => {
    const cwd = mkdtempSync(join(tmpdir(), 'sallyport-run-'));
    t.after(() => rmSync(cwd, { recursive: true }));
    writeFileSync(
      join(cwd, 'main.js'),
      'console.log("out"); console.error("err"); process.exit(9)',
    );
    const result = await sallyportRun(['--lang', 'javascript', 'main.js'], { cwd, env });
    assert.equal(result.code, 9);
    assert.equal(result.stdout, 'out\n');
    assert.match(result.stderr, /err\n$/);
  });

  test('run tells of connections, and lets none out that is not listed', async () => {
    const argv = [
      '--lang',
      'bash',
      '--egress',
      'nowhere.invalid',
      '--egress',
      'b.invalid:8443',
      '-',
    ];
    const stdin =
      'for host in nowhere.invalid other.invalid; do curl -s https://$host/; done; echo $?';
    const result = await sallyportRun(argv, { stdin, env });
    assert.equal(result.stdout, '56\n');
    assert.match(result.stderr, /refused "nowhere\.invalid:443" .*has no address/);
    assert.match(result.stderr, /refused "other\.invalid:443" .*does not allow/);
  });

  test('run reads the program from stdin and ends it at its time limit', async () => {
    const argv = ['--lang', 'python', '--timeout', '8000', '-'];
    const stdin = 'print("begun")\nwhile True: pass';
    const result = await sallyportRun(argv, { stdin, env });
    assert.equal(result.code, 137);
    assert.equal(result.stdout, 'begun\n');
    assert.match(result.stderr, /ended: timed-out/);
  });
});
