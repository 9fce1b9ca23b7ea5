import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { coreLimit } from '../../src/sandbox/core-limit.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { run } from './support.ts';
import { openWay, WAYS } from './ways.ts';

const PATTERN = '/proc/sys/kernel/core_pattern';
const PIPE = '|/usr/lib/systemd/systemd-coredump %P';
const ANY = ['unlimited', 'unlimited'] as const;
const NONE = ['0', '0'] as const;

const LIMITS: readonly (readonly [string, boolean, string, readonly [string, string], string])[] = [
  ['a file', false, 'core', ANY, '1'],
  ['a file, and no limit may be raised', false, 'core', NONE, '0'],
  ['a handler', false, PIPE, ANY, '1'],
  ['a handler, for root', true, PIPE, NONE, '1'],
  ['a handler that no limit keeps off', false, PIPE, NONE, 'systemd-coredump of this machine'],
  ['a socket', true, '@/run/dumps.sock', ANY, '@/run/dumps.sock of this machine'],
  ['a socket that is asked first', true, '@@/run/dumps.sock', NONE, 'of this machine'],
];

for (const [name, isRoot, pattern, limits, want] of LIMITS)
  test(`where crashes go to ${name}: ${want}`, () => {
    if (/^\d$/u.test(want)) return assert.equal(coreLimit(isRoot, pattern, limits), want);
    assert.throws(
      () => coreLimit(isRoot, pattern, limits),
      (thrown) => thrown instanceof Denial && thrown.message.endsWith(want) && thrown.hint !== '',
    );
  });

/** Tries to get rid of the limit in every way there is, crashes, and is seen by its name. */
const CRASHES = `
import ctypes, os, platform, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == 'x86_64'
prlimit64, setrlimit = (302, 160) if x86 else (261, 164)
print(resource.getrlimit(resource.RLIMIT_CORE))
nothing = (ctypes.c_uint64 * 2)(0, 0)
child = os.fork()
if child == 0:
    open('/proc/self/comm', 'w').write('NAME')
    signal.pause()
for pid in (0, os.getpid(), child):
    print(libc.syscall(prlimit64, pid, 4, nothing, None), os.strerror(ctypes.get_errno()))
    print(libc.syscall(prlimit64, pid, ctypes.c_uint64(0xffffffff00000004), nothing, None))
print(libc.syscall(setrlimit, 4, nothing), libc.setrlimit(4, nothing))
try:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ValueError, OSError) as error:
    print('refused')
os.kill(child, signal.SIGSEGV)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os.system('ulimit -c 0; echo NAME > /proc/self/comm; kill -SEGV $$')
`;

/** A limit of nothing does not keep the handler off. */
function outside(name: string): void {
  spawnSync('sh', ['-c', `ulimit -c 0; echo ${name} > /proc/$$/comm; kill -SEGV $$`]);
}

const cannot = process.getuid?.() !== 0 && 'only root may say where crashes go';

describe('crashes in a cell', { skip: WAYS.bubblewrap.missing || cannot }, () => {
  const before = readFileSync(PATTERN);
  after(() => writeFileSync(PATTERN, before));

  test('run nothing on this machine', async (context) => {
    const folder = await scratch(context);
    const [handler, log] = [join(folder, 'handler'), join(folder, 'log')];
    writeFileSync(handler, `#!/bin/sh\ncat > /dev/null\necho "$1" >> ${log}\n`, { mode: 0o755 });
    const seen = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    try {
      writeFileSync(PATTERN, `|${handler} %e`);
      outside('seen-first');
      await until(() => seen().includes('seen-first'));
    } catch {
      return context.skip('the kernel runs no handler of this file system');
    }
    const sandbox = openWay('bubblewrap');
    try {
      const { stdout, stderr } = await run(sandbox, { code: CRASHES.replaceAll('NAME', 'inside') });
      const refused = '-1 Operation not permitted\n-1\n';
      assert.equal(stdout, `(1, 1)\n${refused.repeat(3)}-1 -1\nrefused\n-11\n`, stderr);
    } finally {
      await sandbox.close();
    }
    outside('seen-last');
    await until(() => seen().includes('seen-last'));
    assert.doesNotMatch(seen(), /inside/u);
  });
});
