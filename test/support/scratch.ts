import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What ends: a test, or a measurement. */
export type Context = { after(end: () => unknown): void };

/** A folder of the test's own, removed when it ends. */
export async function scratch(context: Context): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
  context.after(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
