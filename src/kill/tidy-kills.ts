import { withFileMutex } from '../lib/file-mutex.ts';

/** Milliseconds to wait for another process that tidies. */
const DEADLINE = 5000;

/** Runs `tidy` while no other process does. */
export async function tidyKills(folder: string, tidy: () => void): Promise<void> {
  await withFileMutex(
    `${folder}.lock`,
    { now: Date.now, deadline: DEADLINE },
    async () => await Promise.resolve(tidy()),
  );
}
