import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from './fault.ts';
import { isAlive, processBegan } from './process-began.ts';

export type MutexOptions = {
  /** Milliseconds, as `Date.now`. */
  readonly now: () => number;
  /** Milliseconds to wait for another holder. */
  readonly deadline: number;
  /** Milliseconds between two looks. */
  readonly poll?: number;
};

const POLL = 15;
/** A lock whose holder cannot be asked (another host, a system that does not say when a process began) and that has not been
 * renewed for so long counts as left behind. */
const STALE = 30_000;
const RENEW = STALE / 6;
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
  const { now, deadline, poll = POLL } = options;
  const token = `${process.pid} ${hostname()} ${processBegan(process.pid)} ${taken++} ${now()}`;
  for (let left = deadline; !(await take(path, token)); left -= poll) {
    await removeStale(path, token, now());
    if (left <= 0)
      throw new Fault(`Cannot take ${path}: another process holds it`, {
        hint: 'if no other sallyport runs, delete that file',
        exit: 3,
      });
    await sleep(poll);
  }
  const held = async (): Promise<boolean> => (await read(path)) === token;
  const renewing = setInterval(() => {
    const at = new Date(now());
    void held()
      .then(async (still) => still && (await utimes(path, at, at)))
      .catch(() => {});
  }, RENEW).unref();
  try {
    return await work(held);
  } finally {
    clearInterval(renewing);
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
  const [pid, host, began] = holder.split(' ');
  if (host === hostname() && /^\d+$/u.test(pid ?? '')) {
    if (!isAlive(Number(pid))) return true;
    // A process number may be another's by now; when it began says whose it is.
    if (began) return processBegan(Number(pid)) !== began;
  }
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
  return now - mtimeMs > STALE;
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
