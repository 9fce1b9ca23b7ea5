import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { DRIVERS, type DriverName } from '../../src/sandbox/driver-names.ts';
import type { LocalOptions } from '../../src/sandbox/local-sandbox.ts';
import type { Run, RunResult, Sandbox } from '../../src/sandbox/sandbox.ts';
import { openSandbox, run } from './support.ts';
import { WAYS, type UNTRIED } from './ways.ts';

type Way = Exclude<DriverName, keyof typeof UNTRIED>;

/** What every way runs: a driver that is new has to be here or in `UNTRIED`. Why it cannot here; `false` where it can. */
const MISSING: Readonly<Record<Way, string | false>> = {
  docker: WAYS.docker.missing,
  runsc: WAYS.runsc.missing,
  bubblewrap: WAYS.bubblewrap.missing,
  'qemu-emulated': process.env['SALLYPORT_NO_QEMU'] ?? false,
  quickjs: false,
};

/** An emulated processor takes its time to start Node. */
const LONG_MS = 180_000;

function open(name: Way, options: Partial<LocalOptions> = {}): Sandbox {
  const tier = DRIVERS[name];
  return openSandbox({ only: tier, tiers: { [tier]: [name] }, ...options });
}

async function go(sandbox: Sandbox, program: Partial<Run> & { code: string }): Promise<RunResult> {
  return await run(sandbox, { language: 'javascript', timeoutMs: LONG_MS, ...program });
}

const WORKS = `const fs = require('fs');
console.log(fs.readFileSync(0, 'utf8') + fs.readFileSync('deep/a b.txt', 'utf8'));
console.log(Object.keys(process.env).includes('SALLYPORT_CANARY'), fs.readdirSync('.').join());
fs.writeFileSync('out.txt', 'é');
console.error('to stderr');
process.exit(3);`;

const CALLS = (port: number): string => `
try {
  require('net').connect(${port}, '127.0.0.1').on('connect', () => console.log('BREACH')).on('error', () => console.log('held'));
} catch { console.log('held') }`;

/** Each of its programs is a machine that boots: where time is. */
function isTried(name: string): name is Way {
  const isStrict = process.env['SALLYPORT_TEST_STRICT'] === '1';
  return Object.hasOwn(MISSING, name) && (isStrict || name !== 'qemu-emulated');
}

let connections = 0;
const server = createServer((socket) => {
  connections++;
  socket.destroy();
});
before(async () => {
  process.env['SALLYPORT_CANARY'] = 'canary';
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
after(() => {
  delete process.env['SALLYPORT_CANARY'];
  server.close();
});

for (const name of Object.keys(MISSING).filter(isTried))
  describe(`what every way does: ${name}`, { skip: MISSING[name], concurrency: 2 }, () => {
    const sandbox = open(name);
    after(async () => await sandbox.close());

    test('input and files come in, output, files and the exit code come out', async () => {
      const files = { 'deep/a b.txt': 'ä' };
      const result = await go(sandbox, {
        code: WORKS,
        stdin: 'line\n',
        files,
        outputs: ['out.txt'],
      });
      const { stdout, stderr, exitCode, ended, tier, outputs } = result;
      assert.deepEqual(
        [stdout, stderr, exitCode, ended, tier],
        ['line\nä\nfalse deep\n', 'to stderr\n', 3, 'exited', DRIVERS[name]],
      );
      assert.deepEqual(outputs, { 'out.txt': { text: 'é' } });
    });

    test('a program that never ends is ended, and told so', async () => {
      const timeoutMs = name === 'qemu-emulated' ? 20_000 : 5000;
      const { ended, stdout } = await go(sandbox, { code: 'for (;;);', timeoutMs });
      assert.deepEqual([ended, stdout], ['timed-out', '']);
    });

    test('nothing that listens on this machine is reached', async () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const { stdout } = await go(sandbox, { code: CALLS(port) });
      assert.deepEqual([stdout, connections], ['held\n', 0]);
    });

    test('the limits of output and of memory are told apart', async () => {
      const flood = `(function more() { console.log('x'.repeat(16_000)); setTimeout(more, 0) })()`;
      const bomb = `const held = []; for (let at = 0; at < 800; at++) held.push(new Uint8Array(1 << 20).fill(1)); console.log('BREACH', held.length)`;
      const ends = await Promise.all(
        [flood, bomb].map(async (code) => (await go(sandbox, { code })).ended),
      );
      assert.deepEqual(ends, ['output-limit', 'out-of-memory']);
    });

    test('whoever gives up is told at once, and nothing is left when the sandbox is closed', async () => {
      const mine = open(name);
      const cancel = new AbortController();
      const running = go(mine, { code: 'for (;;);', signal: cancel.signal });
      const refused = assert.rejects(running, /changed my mind/u);
      cancel.abort(new Error('changed my mind'));
      await refused;
      await mine.close();
    });
  });
