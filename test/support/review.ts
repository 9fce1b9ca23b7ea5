import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a person writes of one tool into the lock file of this folder, reviewed. */
export function reviewTool(folder: string, server: string, tool: string, entry: object): void {
  const path = join(folder, 'sallyport.lock.json');
  const lock: unknown = JSON.parse(readFileSync(path, 'utf8'));
  let at = lock;
  for (const key of ['servers', server, 'tools', tool]) at = Reflect.get(Object(at), key);
  Object.assign(Object(at), entry, { reviewed: true });
  writeFileSync(path, JSON.stringify(lock));
}
