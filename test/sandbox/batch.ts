import assert from 'node:assert/strict';
import * as z from 'zod';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { run } from './support.ts';
import { seenSchema, type Seen, type Vector } from './vectors.ts';

/** That long one may take. */
const SECONDS = 45;

/** Runs programs one after another in one cell, each with nothing left of the one before but its cell. */
const RUNNER = `import ctypes, json, os, shutil, signal, subprocess, sys

def mine():
    return {int(name) for name in os.listdir('/proc') if name.isdigit()}

def clean(kept):
    for _ in range(100):
        left = mine() - kept
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                kept.add(process)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except OSError:
            pass
        if not left:
            break
    for folder in ('/work', '/tmp', '/dev/shm'):
        for name in os.listdir(folder):
            path = folder + '/' + name
            if path == '/tmp/program':
                continue
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.remove(path)

# PR_SET_CHILD_SUBREAPER: the first process of a cell does not look after those that have lost their parent.
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
programs = json.loads(open('programs.json').read())
kept = mine()
for name, code, seconds in programs:
    clean(set(kept))
    ended = 'exited'
    with open('/tmp/program/said', 'w+b') as said:
        child = subprocess.Popen([sys.executable, '-c', code], stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            status = child.wait(seconds)
        except subprocess.TimeoutExpired:
            ended, status = 'timed-out', 137
            child.kill()
        said.seek(max(0, os.fstat(said.fileno()).st_size - 3000))
        text = said.read().decode('utf8', 'replace')
    if status < 0:
        ended, status = 'killed', 128 - status
    clean(set(kept))
    print(json.dumps([name, {'stdout': text, 'ended': ended, 'exitCode': status}]), flush=True)
`;

const lines = z.array(z.tuple([z.string(), seenSchema]));

/** Whether what it shows is the same where it is not the only program of its cell: it says itself that it was held. */
export function isForBatch({ name, language, outputs, headers }: Vector): boolean {
  return (
    language === 'python' &&
    outputs.length === 0 &&
    !headers.has('exitCode') &&
    headers.get('expect') === 'held' &&
    // Here it would see the process that runs the batch.
    !name.endsWith('-the-supervisor')
  );
}

/** Runs attacks in one cell, for ways whose start takes long. By name, what was seen of each. */
export async function runBatch(
  sandbox: Sandbox,
  vectors: readonly Vector[],
): Promise<ReadonlyMap<string, Seen>> {
  const programs = vectors.map(({ name, code }) => [name, code, SECONDS]);
  const files = { 'programs.json': JSON.stringify(programs) };
  const result = await run(sandbox, { code: RUNNER, files, timeoutMs: 5 * 60_000 });
  assert.equal(result.ended, 'exited', JSON.stringify(result));
  const said = result.stdout.trim().split('\n');
  return new Map(lines.parse(said.map((line): unknown => JSON.parse(line))));
}
