import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const LOOK_MS = 200;

/**
 * Runs `task` while no other process holds the lock file. A lock whose holder has been killed, or that is older than
 * `patienceMs`, is taken. Throws after waiting that long.
 */
export async function withFileLock<T>(
  lock: string,
  patienceMs: number,
  task: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(lock), { recursive: true, mode: 0o700 });
  for (const until = Date.now() + patienceMs; Date.now() < until; await pause()) {
    if (!(await take(lock, patienceMs))) continue;
    try {
      return await task();
    } finally {
      await rm(lock, { force: true });
    }
  }
  throw new Error(`another process holds ${lock} for too long`);
}

async function take(lock: string, patienceMs: number): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch {
    if (await abandoned(lock, patienceMs)) await rm(lock, { force: true });
    return false;
  }
}

async function abandoned(lock: string, patienceMs: number): Promise<boolean> {
  try {
    const [holder, { mtimeMs }] = [Number(await readFile(lock, 'utf8')), await stat(lock)];
    if (Date.now() - mtimeMs > patienceMs) return true;
    return process.platform === 'linux' && holder > 0 && !existsSync(`/proc/${holder}`);
  } catch {
    return false;
  }
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
