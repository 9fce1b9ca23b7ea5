import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { after, describe, test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { allowedDrivers, waysOf, type TierWays } from '../../src/sandbox/driver-names.ts';
import { LIMITS } from '../../src/sandbox/limits.ts';
import type { Tier } from '../../src/sandbox/tier.ts';
import { createQemuDriver } from '../../src/sandbox/vm/qemu-driver.ts';
import { isForBatch, runBatch } from './batch.ts';
import { openMachines } from './microvm-machines.ts';
import { CACHE, run } from './support.ts';
import { checkContained, programOf, readVectors } from './vectors.ts';
import { MACHINES } from './ways.ts';

const { env } = process;
const noQemu = env['SALLYPORT_NO_QEMU'] ?? false;

/** Process numbers of QEMU below a process. */
function machinesOf(pid: number): number[] {
  return children(pid).flatMap((child) => [
    ...(nameOf(child).startsWith('qemu-system') ? [child] : []),
    ...machinesOf(child),
  ]);
}

function children(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function nameOf(pid: number): string {
  return /^State:\s*[ZX]/mu.test(read(`/proc/${pid}/status`)) ? '' : read(`/proc/${pid}/comm`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const firstMachine = (pid: number): number | undefined => machinesOf(pid)[0];

const vectors = readVectors().filter(({ name }) => !Object.hasOwn(MACHINES.fails, name));
/** Those that cannot be told by a program beside them need a machine each; all of them where time is. */
const ALONE = ['memory-bomb', 'fake-closing-mark', 'reads-the-supervisor'];
const isStrict = env['SALLYPORT_TEST_STRICT'] === '1';
const alone = vectors.filter(
  (vector) => !isForBatch(vector) && (isStrict || ALONE.includes(vector.name)),
);
/** What ends by itself gets longer on an emulated processor. */
const SLOWER = 6;

describe('a virtual machine, one program', { skip: noQemu, concurrency: 2 }, () => {
  const sandbox = openMachines();
  after(async () => {
    await sandbox.close();
    assert.deepEqual(machinesOf(process.pid), []);
  });

  test('the canary sees a kernel that is not the host’s', async () => {
    const probe = await sandbox.probe();
    assert.ok(probe.ok, probe.ok ? '' : `${probe.denial.message} ${String(probe.denial.cause)}`);
    assert.equal(probe.tier, 'microvm');
    assert.ok(!probe.kernel.startsWith(`Linux version ${release()} `), probe.kernel);
    assert.notEqual(probe.kernel, read('/proc/version').trim());
  });

  test('the program is nobody, and finds its files, its input and nothing else', async () => {
    const code = `import json, os, sys
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
def can(path):
    try:
        open(path, "w").close()
        return True
    except OSError:
        return False
print(json.dumps({
  "file": open("deep/a.txt", newline="").read(), "stdin": sys.stdin.read(), "uid": os.getuid(), "cwd": os.getcwd(),
  "caps": int(status["CapEff"], 16) | int(status["CapPrm"], 16), "nnp": status["NoNewPrivs"],
  "writes": [path for path in ("/etc/x", "/usr/x", "/dev/x", "/dev/vda", "/x") if can(path)],
  "lines": [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]],
  "disks": [line.split()[-1] for line in open("/proc/partitions").readlines()[2:]],
  "fits in its memory": int(open("/proc/meminfo").readline().split()[1]) <= 512 * 1024,
  "knows the gateway's environment": "HOME" in os.environ and os.environ["HOME"] != "/work" or "MACHINES" in os.environ,
}))
print("to stderr", file=open("/dev/stderr", "w"))
sys.exit(3)`;
    const files = { 'deep/a.txt': 'ä\r\n\0€' };
    const result = await run(sandbox, { code, files, stdin: 'line\nno end' });
    assert.deepEqual([result.stderr, result.exitCode, result.ended], ['to stderr\n', 3, 'exited']);
    const seen: unknown = JSON.parse(result.stdout);
    assert.deepEqual(seen, {
      file: 'ä\r\n\0€',
      stdin: 'line\nno end',
      uid: 65_534,
      cwd: '/work',
      caps: 0,
      nnp: '1',
      writes: [],
      lines: ['lo'],
      disks: ['vda'],
      'fits in its memory': true,
      "knows the gateway's environment": false,
    });
  });

  for (const vector of alone)
    test(`${vector.name} is contained`, async () => {
      const program = programOf(vector);
      const isLimited = vector.headers.get('expect')?.includes('timed-out') === true;
      const timeoutMs = isLimited ? vector.timeoutMs : vector.timeoutMs * SLOWER;
      checkContained(vector, await run(sandbox, { ...program, timeoutMs }));
    });

  test('one machine contains one attack after another', async (t) => {
    const batch = vectors.filter(isForBatch);
    const seen = await runBatch(sandbox, batch);
    for (const vector of batch)
      await t.test(`${vector.name} is contained`, () => {
        const result = seen.get(vector.name);
        assert.ok(result);
        checkContained(vector, result);
      });
  });

  test('QEMU is nobody’s process, without network and without the host’s files', async () => {
    const mine = openMachines();
    const stop = new AbortController();
    const running = run(mine, { code: 'while True: pass', signal: stop.signal });
    const refused = assert.rejects(running, /enough/);
    const others = new Set(machinesOf(process.pid));
    const pid = await until(() => machinesOf(process.pid).find((each) => !others.has(each)));
    const seccomp = await until(
      () => /^Seccomp:\s*2$/mu.exec(read(`/proc/${pid}/status`)) ?? undefined,
    );
    assert.ok(seccomp);
    if (process.getuid?.() === 0) {
      const [, uid] = /^Uid:\s*(\d+)/mu.exec(read(`/proc/${pid}/status`)) ?? [];
      assert.ok(Number(uid) >= 1_900_000_000, `it is user ${uid}`);
    }
    assert.match(read(`/proc/${pid}/status`), /^CapEff:\s*0+$/mu);
    assert.match(read(`/proc/${pid}/status`), /^NoNewPrivs:\s*1$/mu);
    const lines = read(`/proc/${pid}/net/dev`).split('\n').slice(2).filter(Boolean);
    assert.ok(
      lines.every((line) => line.trim().startsWith('lo:')),
      lines.join('\n'),
    );
    const mounts = read(`/proc/${pid}/mounts`)
      .split('\n')
      .map((line) => line.split(' ')[1]);
    assert.ok(
      !mounts.some((mount) => /^\/(?:home|root|work|var)/u.test(mount ?? '')),
      String(mounts),
    );
    const writable = read(`/proc/${pid}/limits`);
    assert.match(writable, /^Max file size\s+0\s+0/mu);
    stop.abort(new Error('enough'));
    await refused;
    await mine.close();
    assert.equal(nameOf(pid), '');
  });
});

test('a killed gateway leaves no machine', { skip: noQemu, timeout: 300_000 }, async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', LEAVES_A_MACHINE], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...env, MACHINES: new URL('microvm-machines.js', import.meta.url).href },
  });
  const machine = await until(() => firstMachine(child.pid ?? 0));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await until(() => (nameOf(machine) === '' ? true : undefined));
});

const LEAVES_A_MACHINE = `
const { openMachines } = await import(process.env.MACHINES);
const signal = new AbortController().signal;
await openMachines().run({ language: 'python', code: 'while True: pass', timeoutMs: 60_000, signal });
`;

test('hardware that does not start a machine is refused, once', { skip: noQemu }, async () => {
  const sandbox = openMachines('qemu');
  const first = await sandbox.probe();
  // Where it works it has to show a kernel of its own, as every machine does.
  if (!first.ok) {
    assert.equal(first.denial.code, 'sandbox-unavailable');
    assert.match(first.denial.message, /kvm/u);
    assert.equal((await sandbox.probe()).ok, false);
  }
  await sandbox.close();
});

function names(tiers: TierWays, least?: Tier): string[] {
  return allowedDrivers(
    waysOf({ gvisor: false, process: false, wasm: false, ...tiers }, undefined, least),
  );
}

test('an emulated processor serves only where it is named', () => {
  assert.deepEqual(names({}, 'microvm'), ['qemu', 'kata']);
  assert.deepEqual(names({ microvm: ['qemu-emulated'] }), ['qemu-emulated']);
  assert.deepEqual(names({}, 'gvisor'), []);
});

test('a program that may connect to hosts is refused', { skip: noQemu }, async () => {
  const driver = createQemuDriver({
    now: Date.now,
    random: () => '',
    log() {},
    accel: 'tcg',
    env,
    cache: CACHE,
    images: {},
  });
  const wish = { language: 'bash', token: 'x', lifeMs: 60_000, egress: '/run/somewhere' } as const;
  const { signal } = new AbortController();
  await assert.rejects(
    driver.open({ ...wish, limits: LIMITS }, { signal, later() {} }),
    (error) =>
      error instanceof Denial &&
      error.code === 'sandbox-unavailable' &&
      /gvisor/u.test(error.hint ?? ''),
  );
});
