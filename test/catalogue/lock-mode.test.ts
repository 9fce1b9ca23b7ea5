import assert from 'node:assert/strict';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { acceptedPath } from '../../src/catalogue/accepted.ts';
import { scratch } from '../support/scratch.ts';
import { lockIn } from './support/lock.ts';

const claim = { server: 's', kind: 'tool', name: 'echo', definition: { name: 'echo' } } as const;
const skip = process.platform === 'win32' && 'modes are POSIX';

for (const [where, folderMode, before, want] of [
  ['a private folder', 0o700, undefined, 0o600],
  ['a shared folder', 0o755, undefined, 0o644],
  ['a folder that all may write', 0o777, undefined, 0o644],
  ['a shared folder, over a private file', 0o755, 0o600, 0o600],
] as const)
  test(`a lock file in ${where} has mode ${want.toString(8)}`, { skip }, async (context) => {
    const folder = join(await scratch(context), 'folder');
    await mkdir(folder);
    await chmod(folder, folderMode);
    const path = join(folder, 'sallyport.lock.json');
    if (before !== undefined)
      await writeFile(path, '{ "version": 1, "servers": {} }', { mode: before });
    const lock = await lockIn(context, 'quarantine', path);
    await lock.accept([claim]);
    assert.equal((await stat(path)).mode & 0o777, want);
    if (before === undefined) assert.equal((await stat(acceptedPath(path))).mode & 0o777, want);
  });
