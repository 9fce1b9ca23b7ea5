import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** Beyond those that Node closes by itself, as editors leave them to what they start. */
export const LEFT = 103;

/** How such a script imports one of ours: by its path from the folder of the compiled tests. */
export const module = (name: string): string => new URL(`../${name}`, import.meta.url).href;

/** What a Node that was started with the root folder as descriptor 103 prints. */
export async function saidBy(script: string): Promise<string> {
  const folder = openSync('/', 'r');
  const stdio = Array.from<'ignore' | 'pipe' | number>({ length: LEFT }).fill('ignore');
  stdio[1] = 'pipe';
  stdio[2] = 2;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: [...stdio, folder],
  });
  closeSync(folder);
  assert.ok(child.stdout);
  return await text(child.stdout);
}
