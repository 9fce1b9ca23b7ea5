import { randomBytes } from 'node:crypto';
import { chown, open, realpath, rename, rm, stat } from 'node:fs/promises';

/**
 * Replaces a file so that a reader sees the old or the new content and nothing between, even after a power cut.
 * Follows a symbolic link, keeps owner and mode of what was there; a new file gets `mode`.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const before = await stat(target).catch(() => undefined);
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    // Created closed: nobody may read a secret in the moment before the mode is set.
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.chmod(before ? before.mode & 0o7777 : mode);
      await file.sync();
    } finally {
      await file.close();
    }
    if (before && before.uid !== process.getuid?.())
      await chown(temporary, before.uid, before.gid).catch(() => undefined);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
