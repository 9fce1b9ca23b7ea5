import type { ChildProcessByStdio } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { spawnAlone } from '../lib/spawn-alone.ts';

/**
 * Nobody is asked anything, and a host key that is not known is refused whatever the user's configuration says: whoever
 * answers for the engine could read every program. What that configuration forwards is not for this connection.
 */
const OPTIONS = [
  '-T',
  '-a',
  '-x',
  ...[
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    'ConnectTimeout=8',
  ].flatMap((option) => ['-o', option]),
];

const SAID = 4096;

/** What ssh and the shell behind it say, and the code that stands for it in `engine-faults.ts`. */
const SAYINGS = [
  [/permission denied while trying to connect|dial unix .*permission denied/iu, 'EACCES'],
  [/dial unix|failed to dial|failed to open the raw stream|cannot connect to/iu, 'SSH_NO_ENGINE'],
  [/host key verification failed/iu, 'SSH_HOST_KEY'],
  [/permission denied \(|too many authentication failures/iu, 'SSH_DENIED'],
  [/could not resolve hostname/iu, 'ENOTFOUND'],
  [/connection refused/iu, 'ECONNREFUSED'],
  [/timed out|no route to host|network is unreachable/iu, 'ETIMEDOUT'],
  [/not found|no such file/iu, 'SSH_NO_CLIENT'],
] as const;

/**
 * One run of ssh as a stream; its end, or the death of this process, ends ssh. What goes wrong is an error with a code.
 * `args` are ssh's own: options, host and command.
 */
export function dialStdio(args: readonly string[], env: NodeJS.ProcessEnv): Duplex {
  const child = spawnAlone('ssh', [...OPTIONS, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, SAID);
  });
  const stream = joined(child);
  child.on('error', (cause) => stream.destroy(coded('SSH_MISSING', 'ssh cannot be run', cause)));
  child.on('close', (code) => {
    if (code === 0 || stream.destroyed) return;
    const last = said.trim().split('\n').at(-1) ?? '';
    const found = SAYINGS.find(([saying]) => saying.test(said));
    stream.destroy(coded(found?.[1] ?? 'SSH_FAILED', last || `ssh ended with ${code}`));
  });
  return stream;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Duplex.from() would end both halves with the first; this end tells why, so reading waits for ssh to say it. */
function joined(child: Child): Duplex {
  const stream = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy(error, done) {
      child.stdin.destroy();
      child.stdout.destroy();
      child.kill();
      done(error);
    },
  });
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.on('close', (code) => {
    if (code === 0) stream.push(null);
  });
  return stream;
}

function coded(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}
