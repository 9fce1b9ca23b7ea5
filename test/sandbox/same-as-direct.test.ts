import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import Docker from 'dockerode';
import { packageRoot, packageVersion } from '../../src/lib/package-root.ts';
import { createDemux } from '../../src/sandbox/demux.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { isLanguage, LANGUAGES, type Language } from '../../src/sandbox/languages.ts';
import { noDocker, openSandbox, run, runWarm } from './support.ts';

const FOLDER = join(packageRoot(), 'test/vectors/programs');

type Given = {
  readonly language: Language;
  readonly code: string;
  readonly stdin: string;
  readonly files: Record<string, string>;
};

/** `stdin` and `files` are JSON; what stands behind the empty line is the program. */
function readProgram(file: string): Given {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const end = text.indexOf('\n\n');
  const head = text.slice(0, end).split('\n');
  const value = (name: string): string | undefined =>
    head.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const language = value('language') ?? '';
  assert.ok(isLanguage(language));
  const stdin: unknown = JSON.parse(value('stdin') ?? '""');
  const files: unknown = JSON.parse(value('files') ?? '{}');
  assert.ok(typeof stdin === 'string' && typeof files === 'object' && files !== null);
  return {
    language,
    code: text.slice(end + 2),
    stdin,
    files: Object.fromEntries(Object.entries(files).map(([path, own]) => [path, String(own)])),
  };
}

const IMAGES: Readonly<Record<Language, string>> = {
  python: 'python',
  javascript: 'node',
  bash: 'bash',
};
const DIRECT: Readonly<Record<Language, readonly string[]>> = {
  python: ['python3', '-B'],
  javascript: ['node'],
  bash: ['bash'],
};
/** All that Python's hook leaves for the children of a program. */
const FLUSH = 'import sys; sys.stdout.reconfigure(line_buffering=True)\n';

type Said = { readonly stdout: string; readonly stderr: string; readonly exitCode: number };

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same interpreter on the same files, started by nobody but a shell. */
async function runDirectly(docker: Docker, { language, code, stdin, files }: Given): Promise<Said> {
  const laid = {
    ...files,
    [`/tmp/program/${LANGUAGES[language].file}`]: code,
    '/tmp/program/stdin': stdin,
    ...(language === 'python' ? { '/tmp/program/sitecustomize.py': FLUSH } : {}),
  };
  const lines = Object.entries(laid).map(
    ([path, text]) =>
      `mkdir -p ${quote(dirname(path))}; echo ${Buffer.from(text).toString('base64')} | base64 -d > ${quote(path)}`,
  );
  const container = await docker.createContainer({
    Image: `sallyport/${IMAGES[language]}:${packageVersion()}`,
    Entrypoint: ['sh', '-c', `umask 077\n${lines.join('\n')}\n"$@" < /tmp/program/stdin; exit $?`],
    Cmd: ['sh', ...DIRECT[language], `/tmp/program/${LANGUAGES[language].file}`],
    Env: [
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'HOME=/work',
      'TMPDIR=/tmp',
      'LANG=C.UTF-8',
      'PYTHONPATH=/tmp/program:/work',
    ],
    User: '65534:65534',
    WorkingDir: '/work',
    Hostname: 'sandbox',
    NetworkDisabled: true,
    HostConfig: {
      Runtime: 'runsc',
      // Docker's own profile keeps threads from starting in gVisor.
      SecurityOpt: [
        `seccomp=${readFileSync(join(packageRoot(), 'sandbox-images/seccomp.json'), 'utf8')}`,
      ],
      NetworkMode: 'none',
      Tmpfs: { '/work': 'mode=1777', '/tmp': 'mode=1777' },
    },
  });
  try {
    const stream: unknown = await container.attach({ stream: true, stdout: true, stderr: true });
    assert.ok(stream instanceof Readable);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    stream.on(
      'data',
      createDemux((from, chunk) => (from === 'stdout' ? stdout : stderr).push(Buffer.from(chunk))),
    );
    const ended = once(stream, 'end');
    await container.start();
    await ended;
    await container.wait();
    const { State: state } = await container.inspect();
    return {
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
      exitCode: state.ExitCode,
    };
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** Numbers of processes and addresses differ between any two runs. */
function settled(text: string): string {
  return text.replaceAll(/(?<=\(node:|pid[ =:])\d+|0x[0-9a-f]{6,}/gu, 'N');
}

function seen({ stdout, stderr, exitCode }: Said): Said {
  return { stdout: settled(stdout), stderr: settled(stderr), exitCode };
}

describe('a program cannot tell', { skip: noDocker, concurrency: 2 }, () => {
  const docker = new Docker(dockerHost(process.env).options);
  const sandbox = openSandbox({ pool: { size: 1, max: 6, idleMs: 60_000 } });
  after(async () => await sandbox.close());

  for (const file of readdirSync(FOLDER))
    test(`${file.slice(0, -4)} is as if its interpreter had been started for it`, async () => {
      const given = readProgram(file);
      const direct = await runDirectly(docker, given);
      for (const mine of [await run(sandbox, given), await runWarm(sandbox, given)]) {
        assert.deepEqual(seen(mine), seen(direct), mine.path);
        assert.equal(mine.ended, 'exited');
      }
    });
});
