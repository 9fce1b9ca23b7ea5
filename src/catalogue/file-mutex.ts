import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../lib/fault.ts';

export type MutexOptions = {
  /** Milliseconds, as `Date.now`. */
  readonly now: () => number;
  /** Milliseconds to wait for another holder. */
  readonly deadline: number;
};

const POLL = 15;
/** After this a lock whose holder cannot be asked (another host, a reused process id) counts as left behind. */
const STALE = 30_000;
let taken = 0;

/**
 * Runs `work` while no other process that asks the same way does. `work` gets `held()`, to be asked right before the
 * commit: false when another process took the lock for a dead one's. Throws `Fault` after `deadline`.
 */
export async function withFileMutex<T>(
  path: string,
  options: MutexOptions,
  work: (held: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const token = `${process.pid} ${hostname()} ${options.now()} ${taken++}`;
  for (let left = options.deadline; !(await take(path, token)); left -= POLL) {
    await removeStale(path, token, options.now());
    if (left <= 0)
      throw new Fault(`Cannot take ${path}: another process holds it`, {
        hint: 'if no other sallyport runs, delete that file',
        exit: 3,
      });
    await sleep(POLL);
  }
  const held = async (): Promise<boolean> => (await read(path)) === token;
  try {
    return await work(held);
  } finally {
    if (await held()) await rm(path, { force: true });
  }
}

async function take(path: string, token: string): Promise<boolean> {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(token);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new Fault(
      `Cannot write beside the lock file: ${codeOf(error) ?? 'an error'} at ${path}`,
      {
        cause: error,
        exit: 3,
      },
    );
  }
}

/** Moves a dead holder's file away under a name of its own; puts it back if it was a living one's after all. */
async function removeStale(path: string, token: string, now: number): Promise<void> {
  const seen = await read(path);
  if (seen === undefined || !(await isStale(path, seen, now))) return;
  const aside = `${path}.${token.replaceAll(/[^\w.-]/gu, '-')}`;
  try {
    await rename(path, aside);
    // Between the look and the move another process may have replaced the dead lock by its own.
    if ((await read(aside)) !== seen) await link(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function isStale(path: string, holder: string, now: number): Promise<boolean> {
  const [pid, host] = holder.split(' ');
  const isHere = host === hostname() && /^\d+$/u.test(pid ?? '');
  if (isHere && !isAlive(Number(pid))) return true;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
  return now - mtimeMs > STALE;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
