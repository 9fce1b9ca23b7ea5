import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, test, type TestContext } from 'node:test';
import { command } from '../../src/commands/check.ts';
import type { Finding } from '../../src/commands/check/finding.ts';
import { createProgressBar } from '../../src/commands/progress.ts';
import { packageVersion } from '../../src/lib/package-root.ts';
import { CACHE, noDocker } from '../sandbox/support.ts';
import { runCommand } from '../support/run-command.ts';
import { scratch } from '../support/scratch.ts';

/** What `sallyport check --json` says of the sandbox. */
async function findings(
  context: TestContext,
  sandbox: string,
  { argv = [], env = {} }: { argv?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly exit: number; readonly found: readonly Finding[] }> {
  const cwd = await scratch(context);
  await writeFile(
    join(cwd, 'sallyport.yaml'),
    `builtin: { code: { languages: [python, bash] } }\nsandbox: ${sandbox}\nstate: { path: ./state }\n`,
    { mode: 0o600 },
  );
  const { exit, stdout } = await runCommand(command, ['--json', ...argv], {
    cwd,
    env: { ...process.env, HOME: cwd, XDG_CACHE_HOME: dirname(CACHE), ...env },
  });
  const said: { findings: readonly Finding[] } = JSON.parse(stdout);
  return { exit, found: said.findings.filter(({ area }) => area === 'sandbox') };
}

const BASH = `sallyport/bash:${packageVersion()}`;

describe('check with Docker', { skip: noDocker }, () => {
  test(
    'says which engine it found, how, and what it keeps; --build builds',
    { timeout: 500_000 },
    async (context) => {
      const { exit, found } = await findings(context, '{}', { argv: ['--build'] });
      assert.equal(exit, 0);
      const all = found.map(({ level, message }) => `${level} ${message}`).join('\n');
      assert.match(all, /^ok gvisor: Linux version 4\.4\.0 .* with our system call filter$/mu);
      assert.match(all, /^ok Docker \S+ \(API 1\.\d+\) at unix:\S+ \(DOCKER_HOST\), linux \S+, not rootless, cgroup v[12] by \w+, storage \w+, runtimes .*\brunsc\b/mu); // prettier-ignore
      for (const language of ['python', 'bash'])
      assert.match(all, new RegExp(`^ok ${language}: sallyport/${language}:\\S+ is sha256:[0-9a-f]{64}$`, 'mu')); // prettier-ignore
    },
  );

  test(
    'an own image that is not pinned is told with its pin, and another than the pinned one refused',
    { timeout: 500_000 },
    async (context) => {
      const { found: first } = await findings(context, `{ images: { python: "${BASH}" } }`);
      const loose = first.find(({ message }) => message.includes('not pinned'));
      assert.equal(loose?.level, 'warning');
      const [, pin = ''] = /^sandbox\.images\.python: (\S+@sha256:[0-9a-f]{64})$/u.exec(loose.hint ?? '') ?? []; // prettier-ignore
      assert.ok(pin);
      const { found: second } = await findings(context, `{ images: { python: "${pin}" } }`);
      assert.ok(second.some(({ level, message }) => level === 'ok' && message.startsWith(`python: ${pin} is`))); // prettier-ignore
      const wrong = pin.replace(/[0-9a-f]{64}$/u, '0'.repeat(64));
      const { exit, found: third } = await findings(context, `{ images: { python: "${wrong}" } }`);
      assert.equal(exit, 3);
      assert.ok(third.some(({ level, message }) => level === 'error' && /^python: .*0{64} is pinned$/u.test(message))); // prettier-ignore
    },
  );
});

test('a pin that is none is told before anything is asked', async (context) => {
  const cwd = await scratch(context);
  await writeFile(
    join(cwd, 'sallyport.yaml'),
    'sandbox: { images: { bash: "own/bash@sha256:12" } }',
  );
  const { exit, stdout } = await runCommand(command, [], { cwd, env: { HOME: cwd } });
  assert.equal(exit, 2);
  assert.match(stdout, /sandbox\.images\.bash: an image is a name, or pinned/);
});

test('a terminal has a bar that goes away, and a file has lines alone', () => {
  for (const isTTY of [true, false]) {
    const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
    const { log, progress, end } = createProgressBar(stderr);
    progress('loading', 0.5);
    progress('loading', 0.5);
    log('loaded');
    progress('unpacking');
    end();
    const bar = '[############............] 50 % loading\r\u001b[K';
    const want = isTTY ? `${bar}sallyport: loaded\nunpacking\r\u001b[K` : 'sallyport: loaded\n';
    assert.equal(stderr.read(), want);
  }
});
