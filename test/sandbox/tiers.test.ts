import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import type { DriverName } from '../../src/sandbox/driver-names.ts';
import type { Language } from '../../src/sandbox/languages.ts';
import { processBegan } from '../../src/lib/process-began.ts';
import { statusField, tree, type Process } from '../../src/sandbox/processes.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

import { until } from '../support/until.ts';
import { asStranger, isRoot, modulePath, ownCache } from './stranger.ts';
import { run } from './support.ts';
import { NAMES, openWay, WAYS } from './ways.ts';

const PROGRAMS: readonly (readonly [Language, string])[] = [
  ['python', 'import sys; print(sys.stdin.read() + "!"); sys.exit(3)'],
  ['javascript', 'console.log(require("fs").readFileSync(0, "utf8") + "!"); process.exit(3)'],
  ['bash', 'echo "$(cat)!"; exit 3'],
];

for (const name of NAMES)
  describe(`every tier: ${WAYS[name].title}`, { skip: WAYS[name].missing, concurrency: 2 }, () => {
    const { tier, left } = WAYS[name];
    const sandbox = openWay(name);
    const ids: string[] = [];
    after(async () => {
      await sandbox.close();
      assert.deepEqual(await left(ids), []);
    });

    test('its canary sees what the tier promises', async () => {
      const probe = await sandbox.probe();
      assert.ok(probe.ok, probe.ok ? '' : `${probe.denial.message} ${probe.denial.hint}`);
      assert.equal(probe.tier, tier);
      assert.ok(probe.seccomp, 'with our system call filter');
    });

    for (const [language, code] of PROGRAMS)
      test(`${language} gets its input, and its output and exit code come back`, async () => {
        const result = await run(sandbox, { language, code, stdin: 'ä\n' });
        ids.push(result.sandboxId);
        const { stdout, stderr, exitCode, ended } = result;
        const said = language === 'bash' ? 'ä!\n' : 'ä\n!\n';
        assert.deepEqual([stdout, exitCode, ended, result.tier], [said, 3, 'exited', tier], stderr);
      });

    test('the outputs can be opened by name, as scripts do', async () => {
      const code = 'echo out > /dev/stdout; echo err > /dev/stderr';
      const { stdout, stderr } = await run(sandbox, { language: 'bash', code });
      assert.deepEqual([stdout, stderr], ['out\n', 'err\n']);
    });

    test('files come in, and nothing is left of the call before', async () => {
      const files = { 'a b.txt': 'one', 'deep/er/two.txt': 'two' };
      const code = 'cat "a b.txt" deep/er/two.txt; echo x > left; echo x > /tmp/left';
      const { stdout } = await run(sandbox, { language: 'bash', code, files });
      assert.equal(stdout, 'onetwo');
      const look = 'find /work /tmp /dev/shm -type f ! -path "/tmp/program/*"';
      assert.equal((await run(sandbox, { language: 'bash', code: look })).stdout, '');
    });

    test('a memory limit of its own holds', async () => {
      const small = openWay(name, { limits: { memory: 96 << 20 } });
      const code = 'held = [b"x" * (1 << 20) for _ in range(400)]; print("got it")';
      const { ended, stdout } = await run(small, { code });
      assert.deepEqual([ended, stdout], ['out-of-memory', '']);
      await small.close();
    });

    test('a cancelled program is dead when the sandbox is closed', async () => {
      const mine = openWay(name);
      const cancel = new AbortController();
      const code = 'while True: pass';
      const running = run(mine, { code, signal: cancel.signal });
      const refused = assert.rejects(running, /changed my mind/);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const began = performance.now();
      cancel.abort(new Error('changed my mind'));
      await refused;
      // It is told at once; that the machine is busy is not the sandbox's.
      assert.ok(performance.now() - began < 10_000);
      await mine.close();
    });

    test('20 programs at once all run, and nothing is left of them', async () => {
      const many = openWay(name);
      const numbers = Array.from({ length: 20 }, (_, number) => number);
      const results = await Promise.all(
        numbers.map(
          async (number) => await run(many, { language: 'bash', code: `echo ${number}` }),
        ),
      );
      assert.deepEqual(
        results.map(({ stdout }) => Number(stdout)),
        numbers,
      );
      await many.close();
      assert.deepEqual(await left(results.map(({ sandboxId }) => sandboxId)), []);
    });
  });

/** Ways that start processes of this machine, by their folder in the cache. */
const FOLDERS: Readonly<Partial<Record<DriverName, string>>> = {
  runsc: 'gvisor',
  bubblewrap: 'process',
};

for (const [name, folder] of NAMES.map((each) => [each, FOLDERS[each]] as const))
  if (folder !== undefined)
    describe(`without an engine: ${WAYS[name].title}`, { skip: WAYS[name].missing }, () => {
      test('a gateway that is killed takes its programs with it', async () => {
        const cache = await ownCache();
        const child = spawn(process.execPath, ['--input-type=module', '-e', LEAVES_A_CELL], {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { ...process.env, WAYS: modulePath('ways'), NAME: name, TEST_CACHE: cache },
        });
        await once(child.stdout, 'data');
        await until(() => running(cache, folder).length >= 4);
        const left = running(cache, folder);
        const bystander = openWay(name, { cache });
        assert.equal(await bystander.reap(), 0, 'what a living process owns is not touched');
        child.kill('SIGKILL');
        await once(child, 'exit');
        await until(() => left.every(({ pid, began }) => processBegan(pid) !== began));
        const next = openWay(name, { cache });
        assert.equal(await next.reap(), 1);
        assert.deepEqual(cells(cache, folder), []);
        await Promise.all([next.close(), bystander.close()]);
        rmSync(cache, { recursive: true });
      });

      test('a cell gets as many processors as its limit says', async () => {
        const cache = await ownCache();
        const one = openWay(name, { cache, limits: { cpus: 1 } });
        const cancel = new AbortController();
        const endless = run(one, { code: 'while True: pass', signal: cancel.signal });
        const ended = assert.rejects(endless, /seen enough/);
        // The first of them is the shell that chooses.
        await until(() => {
          const below = running(cache, folder).slice(1);
          const lists = below.map(({ pid }) => statusField(pid, 'Cpus_allowed_list'));
          return lists.length >= 3 && lists.every((list) => /^\d+$/.test(list));
        });
        cancel.abort(new Error('seen enough'));
        await ended;
        await one.close();
        rmSync(cache, { recursive: true });
      });

      test('a start that fails leaves nothing', async () => {
        const cache = await ownCache();
        const bin = mkdtempSync(join(tmpdir(), 'sallyport-bin-'));
        // It is nobody who starts it.
        chmodSync(bin, 0o755);
        for (const program of ['runsc', 'bwrap'])
          writeFileSync(
            join(bin, program),
            `#!/bin/sh\necho broken here >&2\nsh -c 'sleep 1000; :' ${bin}/left &\nexit 7\n`,
            {
              mode: 0o755,
            },
          );
        const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
        const broken = openWay(name, { cache, env });
        const denial = await refusal(broken);
        assert.equal(denial.code, 'sandbox-unavailable');
        assert.match(denial.message, /broken here|no sandbox starts/);
        assert.ok(denial.hint);
        await broken.close();
        assert.deepEqual([cells(cache, folder), processesNaming(bin)], [[], []]);
        for (const each of [cache, bin]) rmSync(each, { recursive: true });
      });

      test('one that never says a word is given up', async () => {
        const cache = await ownCache();
        const bin = mkdtempSync(join(tmpdir(), 'sallyport-bin-'));
        // It is nobody who starts it.
        chmodSync(bin, 0o755);
        for (const program of ['runsc', 'bwrap'])
          writeFileSync(join(bin, program), '#!/bin/sh\nsleep 1000\n', { mode: 0o755 });
        const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
        const mute = openWay(name, { cache, env, limits: { startMs: 1500 } });
        assert.match((await refusal(mute)).message, /no answer in 1500 ms/);
        await mute.close();
        assert.deepEqual([cells(cache, folder), processesNaming(bin)], [[], []]);
        for (const each of [cache, bin]) rmSync(each, { recursive: true });
      });

      test('where its program is missing it is named', async () => {
        const nothing = openWay(name, { env: { PATH: '/nonexistent' } });
        const denial = await refusal(nothing);
        assert.equal(denial.code, 'sandbox-unavailable');
        assert.match(denial.message, /there is no (?:runsc|bwrap) here/);
        assert.match(denial.hint ?? '', /apt-get install/);
        await nothing.close();
      });

      test('a root file system that was touched is made again', async () => {
        const cache = await ownCache();
        const first = openWay(name, { cache });
        await run(first, { language: 'bash', code: '' });
        await first.close();
        const own =
          readdirSync(join(cache, 'rootfs')).find((each) => each.startsWith('bash-')) ?? '';
        writeFileSync(join(cache, 'rootfs', own, 'root/etc/hosts'), '6.6.6.6 localhost\n');
        const second = openWay(name, { cache });
        const { stdout } = await run(second, { language: 'bash', code: 'cat /etc/hosts' });
        assert.doesNotMatch(stdout, /6\.6\.6\.6/);
        await second.close();
        rmSync(cache, { recursive: true });
      });

      if (isRoot)
        test('a user without any rights has it too', async () => {
          const cache = await ownCache();
          const said: unknown = JSON.parse(
            await asStranger(cache, RUNS_AS_STRANGER, { WAYS: modulePath('ways'), NAME: name }),
          );
          assert.deepEqual(said, [
            ['held', 'held\n', 'exited'],
            ['tier', WAYS[name].tier, true],
            ['memory', 'out-of-memory'],
            ['left', []],
          ]);
          rmSync(cache, { recursive: true });
        });
    });

const LEAVES_A_CELL = `
const { openWay } = await import(process.env.WAYS);
console.log('starting');
const signal = new AbortController().signal;
await openWay(process.env.NAME, { cache: process.env.TEST_CACHE })
  .run({ language: 'bash', code: 'setsid sleep 1000 & sleep 1000', timeoutMs: 600_000, signal });
`;

const RUNS_AS_STRANGER = `
const { openWay, WAYS } = await import(process.env.WAYS);
const { readdirSync } = await import('node:fs');
const sandbox = openWay(process.env.NAME, { cache: process.env.TEST_CACHE });
const signal = new AbortController().signal;
const go = (code) => sandbox.run({ language: 'python', code, timeoutMs: 60_000, signal });
const forks = "import os, time\\nforks = 0\\ntry:\\n  while forks < 300:\\n    if os.fork() == 0:\\n      time.sleep(30)\\n      os._exit(0)\\n    forks += 1\\nexcept OSError:\\n  pass\\nprint('BREACH' if forks > 64 else 'held', flush=True)\\nos._exit(0)";
const held = await go(forks);
const probe = await sandbox.probe();
const memory = await go('held = [b"x" * (1 << 20) for _ in range(2000)]');
await sandbox.close();
const folders = ['gvisor', 'process'].map((name) => process.env.TEST_CACHE + '/' + name);
const left = folders.flatMap((folder) => { try { return readdirSync(folder); } catch { return []; } });
console.log(JSON.stringify([
  ['held', held.stdout, held.ended],
  ['tier', held.tier, probe.ok && probe.seccomp],
  ['memory', memory.ended],
  ['left', left],
]));
`;

function cells(cache: string, folder: string): string[] {
  try {
    return readdirSync(join(cache, folder));
  } catch {
    return [];
  }
}

/** The processes of the only cell, the first one first. */
function running(cache: string, folder: string): readonly Process[] {
  try {
    const [id = ''] = cells(cache, folder);
    const file = join(cache, folder, id, 'process.json');
    const { pid }: { pid?: number } = JSON.parse(readFileSync(file, 'utf8'));
    return tree(pid ?? 0);
  } catch {
    return [];
  }
}

/** Processes that have this folder on their command line. */
function processesNaming(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).includes(`${folder}/`))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function refusal(sandbox: Sandbox): Promise<Denial> {
  try {
    await run(sandbox, { language: 'bash', code: 'echo ran' });
  } catch (error) {
    return error instanceof Denial ? error : Denial.from(error);
  }
  throw new Error('it ran');
}
