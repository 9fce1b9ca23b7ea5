import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import Docker from 'dockerode';
import { Denial } from '../../src/denial.ts';
import { packageVersion } from '../../src/lib/package-root.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { isGvisor } from '../../src/sandbox/gvisor.ts';
import type { Language } from '../../src/sandbox/languages.ts';
import { containersLeft, noDocker, openSandbox, run } from './support.ts';

const denies = (code: string) => (error: unknown) => error instanceof Denial && error.code === code;

describe('one program, once', { skip: noDocker, concurrency: 2 }, () => {
  const sandbox = openSandbox();
  const ids: string[] = [];
  after(async () => {
    await sandbox.close();
    assert.deepEqual(await containersLeft(ids), []);
  });

  const VERSIONS: readonly (readonly [Language, string])[] = [
    ['python', 'print(open("/proc/version").read(), end="")'],
    ['javascript', 'process.stdout.write(require("fs").readFileSync("/proc/version", "utf8"))'],
    ['bash', 'read -r version < /proc/version; echo "$version"'],
  ];
  for (const [language, code] of VERSIONS)
    test(`${language} runs on gVisor's kernel`, async () => {
      const result = await run(sandbox, { language, code });
      assert.ok(isGvisor(result.stdout.trim()), result.stdout + result.stderr);
      assert.deepEqual([result.exitCode, result.ended, result.tier], [0, 'exited', 'gvisor']);
      ids.push(result.sandboxId);
    });

  test('the canary sees gVisor and the system call filter', async () => {
    const probe = await sandbox.probe();
    assert.ok(probe.ok, probe.ok ? '' : probe.denial.message);
    assert.ok(isGvisor(probe.kernel));
    assert.ok(probe.seccomp);
  });

  test('nothing is left of the call before', async () => {
    const leave = `for folder in /work /tmp /dev/shm; do echo secret > "$folder/left" 2>/dev/null; done; ls /work /tmp`;
    const first = await run(sandbox, { language: 'bash', code: leave });
    assert.match(first.stdout, /left/);
    const look = 'find /work /tmp /dev/shm -type f ! -path "/tmp/program/*"; ps 2>/dev/null';
    const second = await run(sandbox, { language: 'bash', code: look });
    assert.equal(second.stdout, '');
    assert.notEqual(first.sandboxId, second.sandboxId);
  });

  test('files, folders and stdin reach the program byte for byte', async () => {
    const odd = "it's a $HOME `file` name; rm -rf.txt";
    const files = { 'a.txt': 'ä\r\n\0€', 'deep/er/b.csv': '', [odd]: 'odd', 'helper.py': 'X = 7' };
    const code = `import sys, json, helper
read = lambda name: open(name, newline="", encoding="utf8").read()
print(json.dumps([read("a.txt"), read("deep/er/b.csv"), read(${JSON.stringify(odd)}), helper.X, sys.stdin.read()]))`;
    const result = await run(sandbox, { code, files, stdin: 'line\nno end' });
    assert.deepEqual(JSON.parse(result.stdout), ['ä\r\n\0€', '', 'odd', 7, 'line\nno end']);
  });

  test('stdout, stderr and the exit code are the program’s own', async () => {
    const code = 'printf out; printf err >&2; exit 42';
    const { stdout, stderr, exitCode, ended } = await run(sandbox, { language: 'bash', code });
    assert.deepEqual([stdout, stderr, exitCode, ended], ['out', 'err', 42, 'exited']);
  });

  test('what was printed before the time limit is kept', async () => {
    const code = 'import time; print("so far"); time.sleep(60)';
    const result = await run(sandbox, { code, timeoutMs: 8000 });
    assert.deepEqual([result.stdout, result.timedOut, result.exitCode], ['so far\n', true, 137]);
  });

  test('output that is not UTF-8 becomes replacement characters', async () => {
    const code = String.raw`import os; os.write(1, b"a\xff\xfe\x00\xc3(b")`;
    assert.equal((await run(sandbox, { code })).stdout, 'a\ufffd\ufffd\0\ufffd(b');
  });

  test('output is cut at its limit and says so', async () => {
    const exact = await run(sandbox, { code: 'print("x" * (256 * 1024), end="")' });
    assert.deepEqual([exact.stdout.length, exact.truncated], [256 * 1024, false]);
    const more = await run(sandbox, { code: 'print("x" * 300 * 1024, end="")' });
    assert.deepEqual([more.stdout.length, more.truncated], [256 * 1024, true]);
  });

  test('ES modules run as JavaScript', async () => {
    const code = 'import { sep } from "node:path"; console.log(await Promise.resolve(sep));';
    const result = await run(sandbox, { language: 'javascript', code });
    assert.equal(result.stdout, '/\n', result.stderr);
  });

  test('an image without the interpreter is a failure that says so', async () => {
    const other = openSandbox({ images: { python: `sallyport/bash:${packageVersion()}` } });
    await assert.rejects(
      run(other, { code: '' }),
      (error) =>
        error instanceof Denial &&
        error.code === 'sandbox-unavailable' &&
        error.message.endsWith('the image has no python3'),
    );
    await other.close();
  });

  for (const language of ['python', 'javascript', 'bash'] as const)
    test(`${language} does not run with half of its files`, async () => {
      const small = openSandbox({ limits: { work: 1024 * 1024 } });
      const files = { fits: '', 'does not': 'x'.repeat(2 * 1024 * 1024) };
      const code = { python: 'print(1)', javascript: 'console.log(1)', bash: 'echo 1' }[language];
      await assert.rejects(run(small, { language, code, files }), denies('sandbox-failed'));
      await small.close();
    });

  test('a signal that is aborted already starts nothing', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(run(sandbox, { code: 'print(1)', signal }), /too late/);
  });
});

// Beside no other: a container of this process is the one of this program.
test('a cancelled program is dead and gone within moments', { skip: noDocker }, async () => {
  const cancel = new AbortController();
  const docker = new Docker(dockerHost(process.env).options);
  const mine = openSandbox();
  const running = run(mine, {
    code: 'while True: pass',
    signal: cancel.signal,
    timeoutMs: 60_000,
  });
  const refused = assert.rejects(running, /changed my mind/);
  let [container] = await ours(docker, process.pid);
  for (; !container; [container] = await ours(docker, process.pid))
    await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  let isLate = false;
  const late = setTimeout(() => (isLate = true), 200);
  cancel.abort(new Error('changed my mind'));
  await refused;
  clearTimeout(late);
  assert.equal(isLate, false, 'the caller does not wait');
  await mine.close();
  assert.deepEqual(await containersLeft([container]), []);
});

test('20 programs at once all run and leave no container', { skip: noDocker }, async () => {
  const sandbox = openSandbox();
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  const results = await Promise.all(
    numbers.map(async (number) => await run(sandbox, { code: `print(${number})` })),
  );
  assert.deepEqual(
    results.map(({ stdout }) => stdout),
    numbers.map((number) => `${number}\n`),
  );
  await sandbox.close();
  assert.deepEqual(await containersLeft(results.map(({ sandboxId }) => sandboxId)), []);
});

test('closing ends what runs and refuses what comes', { skip: noDocker }, async () => {
  const sandbox = openSandbox();
  await run(sandbox, { code: '' });
  const running = run(sandbox, { code: 'while True: pass', timeoutMs: 60_000 });
  const refused = assert.rejects(running, denies('sandbox-unavailable'));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await sandbox.close();
  await refused;
  await assert.rejects(run(sandbox, { code: '' }), denies('sandbox-unavailable'));
});

test(
  'the next gateway removes what a killed one left',
  { skip: noDocker, timeout: 300_000 },
  async () => {
    const docker = new Docker(dockerHost(process.env).options);
    const child = spawn(process.execPath, ['--input-type=module', '-e', LEAVES_A_CONTAINER], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SUPPORT: new URL('support.js', import.meta.url).href },
    });
    const pid = child.pid ?? 0;
    await once(child.stdout, 'data');
    let left = await ours(docker, pid);
    for (; left.length === 0; left = await ours(docker, pid))
      await new Promise((resolve) => setTimeout(resolve, 100));
    const bystander = openSandbox();
    assert.equal(await bystander.reap(), 0, 'what a living process owns is not touched');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.deepEqual(await containersLeft(left), left);
    const next = openSandbox();
    assert.equal(await next.reap(), left.length);
    assert.deepEqual(await containersLeft(left), []);
    await Promise.all([next.close(), bystander.close()]);
  },
);

const LEAVES_A_CONTAINER = `
const { openSandbox, run } = await import(process.env.SUPPORT);
console.log('starting');
await run(openSandbox(), { code: 'import time; time.sleep(50)', timeoutMs: 60_000 });
`;

async function ours(docker: Docker, pid: number): Promise<string[]> {
  const label = [`dev.sallyport.pid=${pid}`];
  return (await docker.listContainers({ filters: { label } })).map(({ Id }) => Id);
}
