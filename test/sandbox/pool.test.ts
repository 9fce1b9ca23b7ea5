import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import Docker from 'dockerode';
import { Denial } from '../../src/denial.ts';
import { createDemand } from '../../src/sandbox/demand.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import type { Language } from '../../src/sandbox/languages.ts';
import type { Path } from '../../src/sandbox/path.ts';
import type { Terms } from '../../src/sandbox/terms.ts';
import { until } from '../support/until.ts';
import { containersLeft, noDocker, openSandbox, run, runWarm } from './support.ts';
import { WAYS } from './ways.ts';

test('demand is the most calls within a second, as long as it is remembered', () => {
  let now = 0;
  const demand = createDemand({ memoryMs: 10_000, now: () => now });
  assert.equal(demand.peak(), 0);
  for (now of [0, 100, 200, 5000, 5999, 6000]) demand.note();
  assert.equal(demand.peak(), 3);
  now = 10_100;
  assert.equal(demand.peak(), 2);
  now = 20_000;
  assert.equal(demand.peak(), 0);
});

const POOL = { size: 1, max: 4, idleMs: 60_000 };
const terms = (path: Path): Terms => ({ traceId: '0'.repeat(32), path });
const pause = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve, 100));

describe('cells that wait', { skip: noDocker, concurrency: false }, () => {
  const docker = new Docker(dockerHost(process.env).options);
  const sandbox = openSandbox({ pool: POOL });
  const used: string[] = [];
  after(async () => {
    await sandbox.close();
    assert.deepEqual(await containersLeft(used), []);
    assert.deepEqual(await mine(docker), []);
  });

  test('none is made before the first call', async () => {
    const idle = openSandbox({ pool: POOL });
    await pause();
    assert.deepEqual(await mine(docker), []);
    await idle.close();
  });

  const PROGRAMS: readonly (readonly [Language, string])[] = [
    ['python', 'print(6 * 7)'],
    ['javascript', 'console.log(6 * 7)'],
    ['bash', 'echo $((6 * 7))'],
  ];
  for (const [language, code] of PROGRAMS)
    test(`a second program in ${language} finds its interpreter running`, async () => {
      const first = await run(sandbox, { language, code });
      const second = await runWarm(sandbox, { language, code });
      used.push(first.sandboxId, second.sandboxId);
      assert.deepEqual([first.stdout, first.path], ['42\n', 'standard']);
      assert.deepEqual([second.stdout, second.exitCode, second.tier], ['42\n', 0, 'gvisor']);
    });

  test('each cell runs one program, however many come at once', async () => {
    const numbers = Array.from({ length: 12 }, (_, number) => number);
    const batch: string[] = [];
    // Until some of them found a cell that waited.
    for (let hot = 0; hot === 0;) {
      const results = await Promise.all(
        numbers.map(async (number) => await run(sandbox, { code: `print(${number})` })),
      );
      assert.deepEqual(
        results.map(({ stdout }) => stdout),
        numbers.map((number) => `${number}\n`),
      );
      batch.push(...results.map(({ sandboxId }) => sandboxId));
      hot = results.filter(({ path }) => path === 'hot').length;
    }
    assert.equal(new Set(batch).size, batch.length);
    used.push(...batch);
  });

  test('nothing of a program is left for the next', async () => {
    const leave = `import os, subprocess, sys
for folder in ('/work', '/tmp', '/tmp/program', '/dev/shm'):
    try: open(folder + '/left', 'w').write('secret')
    except OSError: pass
os.environ['LEFT'] = 'secret'
sys.modules['left'] = sys
if os.fork() == 0:
    os.setsid()
    import time
    time.sleep(60)`;
    const look = `import os, sys
print([n for f in ('/work', '/tmp', '/tmp/program', '/dev/shm') if os.path.isdir(f) for n in os.listdir(f) if n == 'left'],
      os.environ.get('LEFT'), 'left' in sys.modules, len([p for p in os.listdir('/proc') if p.isdigit()]))`;
    const empty = await run(sandbox, { code: look, terms: terms('standard') });
    await runWarm(sandbox, { code: leave });
    const seen = await runWarm(sandbox, { code: look });
    assert.equal(seen.stdout, empty.stdout);
  });

  const COLD: readonly Path[] = ['standard', 'escalation'];
  for (const path of COLD)
    test(`a call of the path ${path} gets a cell of its own`, async () => {
      await runWarm(sandbox, { code: '' });
      const before = await mine(docker);
      const result = await run(sandbox, { code: '', terms: terms(path) });
      assert.equal(result.path, path);
      assert.ok(!before.includes(result.sandboxId));
    });

  test('a call that may take longer than a waiting cell lives gets one of its own', async () => {
    await runWarm(sandbox, { code: '' });
    const { path } = await run(sandbox, { code: '', timeoutMs: 60_001 });
    assert.equal(path, 'standard');
  });

  test('a tier that is not there is refused and not replaced by a waiting cell', async () => {
    await runWarm(sandbox, { code: '' });
    const asked = { ...terms('hot'), isolation: 'microvm' } as const;
    await assert.rejects(
      run(sandbox, { code: '', terms: asked }),
      (error) =>
        error instanceof Denial &&
        error.code === 'sandbox-unavailable' &&
        /microvm/.test(error.message) &&
        error.hint !== undefined,
    );
  });
});

test('a cell that was killed while it waited runs nothing', { skip: noDocker }, async () => {
  const docker = new Docker(dockerHost(process.env).options);
  const sandbox = openSandbox({ pool: POOL });
  // One that served shows that cells wait; the next one waits, or is about to.
  const { sandboxId } = await runWarm(sandbox, { code: '' });
  const killed = await others(docker, [sandboxId]);
  const deaths = killed.map(async (id) => {
    await docker.getContainer(id).kill();
  });
  const program = { code: 'print("alive")' };
  // Its program may have begun before its end: then that is killed, and not run again.
  const first = await run(sandbox, program);
  await Promise.allSettled(deaths);
  const second = await run(sandbox, program);
  const ends = killed.includes(first.sandboxId) ? ['killed', 'exited'] : ['exited'];
  assert.ok(ends.includes(first.ended), first.ended);
  assert.equal(first.stdout, first.ended === 'exited' ? 'alive\n' : first.stdout);
  assert.deepEqual([second.stdout, second.ended], ['alive\n', 'exited']);
  assert.ok(!killed.includes(second.sandboxId));
  await sandbox.close();
  assert.deepEqual(await mine(docker), []);
});

test(
  'a language that is used much leaves room for another',
  { skip: noDocker, timeout: 120_000 },
  async () => {
    const docker = new Docker(dockerHost(process.env).options);
    const sandbox = openSandbox({ pool: { ...POOL, max: 3 } });
    const many = Array.from({ length: 4 }, async () => await run(sandbox, { code: '' }));
    const used = (await Promise.all(many)).map(({ sandboxId }) => sandboxId);
    await until(async () => {
      const all = await mine(docker);
      return all.length === 3 && all.every((id) => !used.includes(id));
    }, 60_000);
    await runWarm(sandbox, { language: 'bash', code: '' });
    const { path } = await runWarm(sandbox, { code: '' });
    assert.equal(path, 'hot', 'it keeps some');
    await sandbox.close();
    assert.deepEqual(await mine(docker), []);
  },
);

test(
  'cells wait where the way that comes first makes none',
  { skip: WAYS.runsc.missing, timeout: 120_000 },
  async () => {
    const sandbox = openSandbox({
      env: { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' },
      tiers: { gvisor: ['docker', 'runsc'] },
      pool: POOL,
    });
    const { path } = await run(sandbox, { code: '' });
    assert.equal(path, 'standard');
    const warm = await runWarm(sandbox, { code: 'print("alive")' });
    assert.deepEqual([warm.stdout, warm.tier], ['alive\n', 'gvisor']);
    await sandbox.close();
    assert.deepEqual(await WAYS.runsc.left([warm.sandboxId]), []);
  },
);

test('cells that nobody needs any more end', { skip: noDocker, timeout: 120_000 }, async () => {
  const docker = new Docker(dockerHost(process.env).options);
  const sandbox = openSandbox({ pool: { ...POOL, idleMs: 1000 } });
  const { sandboxId } = await run(sandbox, { code: '' });
  await others(docker, [sandboxId]);
  while ((await mine(docker)).length > 0) await pause();
  await sandbox.close();
});

test('an engine that makes no cells is not asked again and again', { skip: noDocker }, async () => {
  const said: string[] = [];
  const began = performance.now();
  const sandbox = openSandbox({
    pool: POOL,
    images: { python: 'sallyport/none' },
    log: (line) => said.push(line),
  });
  await assert.rejects(run(sandbox, { code: '' }), Denial);
  const tries = (): number => said.filter((line) => line.includes('ready')).length;
  while (tries() < 3) await pause();
  // One try, a second, another, two seconds: a machine that is slow tries no sooner.
  assert.ok(performance.now() - began >= 2900, said.join('\n'));
  await sandbox.close();
});

/** Containers of this process beside these, as soon as there are some. */
async function others(docker: Docker, known: readonly string[]): Promise<string[]> {
  for (;;) {
    const found = (await mine(docker)).filter((id) => !known.includes(id));
    if (found.length > 0) return found;
    await pause();
  }
}

/** Containers of this process. */
async function mine(docker: Docker): Promise<string[]> {
  const label = [`dev.sallyport.pid=${process.pid}`];
  return (await docker.listContainers({ all: true, filters: { label } })).map(({ Id }) => Id);
}
