import { randomBytes } from 'node:crypto';
import { readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { sha256 } from './record.ts';

const head = z.strictObject({
  folder: z.string(),
  count: z.number().int().nonnegative(),
  root: z.string().regex(/^[0-9a-f]{64}$/),
});

/** How far the checkpoints of one folder had come, remembered outside of it. */
export type AuditHead = z.infer<typeof head>;

/** The file beside the key that remembers one audit folder. */
export function headPath(stateKeyPath: string, folder: string): string {
  const id = sha256(realpathSync(folder)).slice(0, 16);
  return join(dirname(stateKeyPath), `audit-head-${id}.json`);
}

/** Undefined when there is none. One that cannot be read throws: it was there. */
export function readHead(path: string): AuditHead | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
  return head.parse(JSON.parse(text));
}

export function writeHead(path: string, content: AuditHead): void {
  // A name nobody can guess, and a file that was not there: never through a link.
  const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  writeFileSync(draft, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(draft, path);
}
