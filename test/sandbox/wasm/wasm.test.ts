import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Denial } from '../../../src/denial.ts';
import { packageRoot } from '../../../src/lib/package-root.ts';
import { createLocalSandbox } from '../../../src/sandbox/local-sandbox.ts';
import { startChild } from '../../../src/sandbox/wasm/start-child.ts';
import { command } from '../../../src/commands/run.ts';
import { runCommand } from '../../support/run-command.ts';
import { scratch } from '../../support/scratch.ts';
import { openWasm, run } from './support.ts';

const onLinux = existsSync('/proc/self/fd') ? false : 'it looks into /proc';

/** Processes of cells that `parent` has started. */
function cellsOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, ppid] = /\) \S (\d+)/u.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return Number(ppid) === parent && command.includes('wasm-child');
      } catch {
        return false;
      }
    });
}

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('the canary sees QuickJS and nothing of Node', async (t) => {
  const sandbox = openWasm();
  t.after(async () => await sandbox.close());
  const probe = await sandbox.probe();
  assert.ok(probe.ok, probe.ok ? '' : probe.denial.message);
  assert.deepEqual(
    [probe.tier, probe.driver, probe.seccomp],
    ['wasm', 'QuickJS in WebAssembly', false],
  );
  assert.match(probe.kernel, /WebAssembly/u);
});

test('what needs a stronger tier never runs here', async (t) => {
  const sandbox = createLocalSandbox({
    env: {},
    host: 'unix:///nonexistent/docker.sock',
    log: () => {},
  });
  t.after(async () => await sandbox.close());
  for (const tier of [undefined, 'process', 'gvisor', 'microvm'] as const)
    await assert.rejects(
      run(sandbox, { code: 'console.log(1)', ...(tier && { tier }) }),
      (error: unknown) => error instanceof Denial && error.code === 'sandbox-unavailable',
    );
  const { stdout, tier } = await run(sandbox, { code: 'console.log(1)', tier: 'wasm' });
  assert.deepEqual([stdout, tier], ['1\n', 'wasm']);
});

test('a language that the tier does not have is refused by name', async (t) => {
  const sandbox = openWasm();
  t.after(async () => await sandbox.close());
  await assert.rejects(run(sandbox, { language: 'python', code: 'print(1)' }), (error: unknown) => {
    assert.ok(error instanceof Denial);
    assert.equal(error.code, 'sandbox-unavailable');
    assert.equal(error.message, 'Cannot run the program: no python in the wasm tier');
    assert.match(error.hint ?? '', /write it in javascript/u);
    return true;
  });
});

test('20 programs at once all run', async () => {
  const sandbox = openWasm();
  const results = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => await run(sandbox, { code: `console.log(${at})` })),
  );
  await sandbox.close();
  assert.deepEqual(
    results.map(({ stdout }) => stdout),
    results.map((_, at) => `${at}\n`),
  );
  assert.equal(new Set(results.map(({ sandboxId }) => sandboxId)).size, 20);
  if (onLinux === false) assert.deepEqual(cellsOf(process.pid), []);
});

test('a cancelled program is dead and gone', { skip: onLinux }, async () => {
  const sandbox = openWasm();
  const cancel = new AbortController();
  const running = run(sandbox, { code: 'for (;;);', signal: cancel.signal });
  const refused = assert.rejects(running, /changed my mind/u);
  let [pid] = cellsOf(process.pid);
  for (; pid === undefined; [pid] = cellsOf(process.pid))
    await new Promise((resolve) => setTimeout(resolve, 20));
  cancel.abort(new Error('changed my mind'));
  await refused;
  await sandbox.close();
  assert.ok(!existsSync(`/proc/${pid}`));
});

async function aCell(context: TestContext, code: string): Promise<number> {
  const child = startChild({
    folder: join(packageRoot(), 'dist', 'program'),
    inside: 'inside-javascript',
    memory: 64 * 1024 * 1024,
    lifeMs: 60_000,
  });
  context.after(child.kill);
  await new Promise<void>((resolve, reject) => {
    child.attachment.listen({ chunk: () => resolve(), end: () => reject(new Error('it ended')) });
  });
  child.attachment.write(Buffer.from(`token\n0 ${code.length} 0\n${code}`));
  return child.pid ?? 0;
}

test('a cell holds nothing of the gateway', { skip: onLinux }, async (t) => {
  process.env['SALLYPORT_CANARY'] = 'canary';
  t.after(() => delete process.env['SALLYPORT_CANARY']);
  const pid = await aCell(t, 'setTimeout(() => {}, 50_000)');
  assert.equal(readFileSync(`/proc/${pid}/environ`, 'utf8'), 'TZ=UTC\0');
  const files = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  assert.equal(files.filter((name) => /^(?:socket|pipe):/u.test(name)).length >= 3, true);
  for (const name of files) assert.match(name, /^(?:socket|pipe|anon_inode|\/dev\/null)/u, name);
  const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
  assert.match(limits, /Max core file size +0 +0/u);
  assert.match(limits, /Max file size +0 +0/u);
  assert.match(limits, /Max cpu time +60 +60/u);
  assert.match(limits, /Max open files +64 +64/u);
});

for (const [what, code] of [
  ['waits', 'setTimeout(() => {}, 50_000)'],
  ['never looks up', 'for (;;);'],
] as const)
  test(
    `a program that ${what} ends with a gateway that is killed`,
    { skip: onLinux, timeout: 120_000 },
    async () => {
      const gateway = spawn(process.execPath, ['--input-type=module', '-e', GATEWAY], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, SUPPORT: new URL('support.js', import.meta.url).href, CODE: code },
      });
      await once(gateway.stdout, 'data');
      let [pid] = cellsOf(gateway.pid ?? 0);
      for (; pid === undefined; [pid] = cellsOf(gateway.pid ?? 0))
        await new Promise((resolve) => setTimeout(resolve, 20));
      // By now it is likely to have its program; without it, it has to end as well.
      await new Promise((resolve) => setTimeout(resolve, 500));
      gateway.kill('SIGKILL');
      await gone(pid);
    },
  );

const GATEWAY = `
const { openWasm, run } = await import(process.env.SUPPORT);
console.log('starting');
await run(openWasm(), { code: process.env.CODE, timeoutMs: 60_000 });
`;

/** As if the engine had a hole: code for Node itself, started as a cell is. */
const HOLE = `
import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
const ways = [() => readFileSync('/etc/passwd'), () => readdirSync('..'), () => writeFileSync('x', ''), () => spawnSync('true'), () => new Worker('', { eval: true }), () => process.binding('fs'), () => eval('1')];
const said = ways.map((way) => { try { way(); return 'done' } catch (error) { return error.code ?? error.name } });
console.log(JSON.stringify([said, process.env]));
process.stdin.resume();
`;

test('the process of a cell may not touch files, processes or threads', async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'wasm-child.mjs'), HOLE);
  const child = startChild({ folder, inside: 'none', memory: 1, lifeMs: 60_000 });
  t.after(child.kill);
  const said = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.attachment.listen({
      chunk(from, chunk) {
        text += chunk.toString();
        if (from === 'stdout') resolve(text);
      },
      end: () => reject(new Error(text)),
    });
  });
  const denied = 'ERR_ACCESS_DENIED';
  assert.deepEqual(JSON.parse(said), [
    [denied, denied, denied, denied, denied, denied, 'EvalError'],
    process.platform === 'win32'
      ? { TZ: 'UTC', SystemRoot: process.env['SystemRoot'] }
      : { TZ: 'UTC' },
  ]);
  assert.deepEqual(await readdir(folder), ['wasm-child.mjs']);
});

test('sallyport run runs JavaScript in the wasm tier', async () => {
  const argv = ['--tier', 'wasm', '--lang', 'javascript', '-'];
  const typed = 'console.log([1, 2]); process.exit(5)';
  const { exit, stdout } = await runCommand(command, argv, { env: {}, cwd: '/', typed });
  assert.deepEqual([exit, stdout], [5, '[ 1, 2 ]\n']);
});

test('sallyport run says what the wasm tier does not have', async () => {
  const argv = ['--tier', 'wasm', '--lang', 'python', '-'];
  const { exit, stderr } = await runCommand(command, argv, { env: {}, cwd: '/', typed: '1' });
  assert.equal(exit, 3);
  assert.match(stderr, /no python in the wasm tier\nhint: write it in javascript/u);
});
