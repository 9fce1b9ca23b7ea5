import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes this of one tool into the lock file of this folder; false: it is not there yet. */
export function lockTool(folder: string, server: string, tool: string, entry: object): boolean {
  const path = join(folder, 'sallyport.lock.json');
  if (!existsSync(path)) return false;
  const lock: unknown = JSON.parse(readFileSync(path, 'utf8'));
  let at = lock;
  for (const key of ['servers', server, 'tools', tool]) at = Reflect.get(Object(at), key);
  if (typeof at !== 'object' || at === null) return false;
  Object.assign(at, entry);
  writeFileSync(path, JSON.stringify(lock));
  return true;
}

/** The same, and that a person has reviewed it. */
export function reviewTool(folder: string, server: string, tool: string, entry: object): void {
  if (!lockTool(folder, server, tool, { ...entry, reviewed: true }))
    throw new Error(`the lock file has no ${server}/${tool}`);
}
