import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { visible } from '../lib/visible.ts';
import { BundleFault } from './bundle-fault.ts';

/** Where the bytes of a bundle come from. */
export type BundleFolder = {
  /** Paths of all files, with `/`, relative to the folder. Throws for a link or anything else that is no file. */
  list(): Promise<string[]>;
  /** One file, whole. Throws where it is longer. */
  read(path: string, maxBytes: number): Promise<Buffer>;
};

const MAX_ENTRIES = 10_000;

/** The folder itself may be a link that is switched to the next version; where it leads is settled here, once. */
export async function openBundleFolder(path: string): Promise<BundleFolder> {
  const root = await realpath(path).catch((cause: unknown) => {
    throw new BundleFault('unreadable', `${path} cannot be read (${codeOf(cause)})`, { cause });
  });

  async function list(): Promise<string[]> {
    const found: string[] = [];
    const rest = [''];
    let seen = 0;
    for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
      const entries = await readdir(join(root, at), { withFileTypes: true }).catch(
        (cause: unknown) => {
          throw new BundleFault(
            'unreadable',
            `${visible(at) || path} cannot be read (${codeOf(cause)})`,
            {
              cause,
            },
          );
        },
      );
      for (const entry of entries) {
        if (++seen > MAX_ENTRIES)
          throw new BundleFault('too-large', `it has more than ${MAX_ENTRIES} entries`);
        const name = at === '' ? entry.name : `${at}/${entry.name}`;
        if (entry.isDirectory()) rest.push(name);
        else if (entry.isFile()) found.push(name);
        else throw new BundleFault('not-a-file', `${visible(name)} is a link or no plain file`);
      }
    }
    return found;
  }

  async function read(name: string, maxBytes: number): Promise<Buffer> {
    // NOFOLLOW: a link put there after the listing; NONBLOCK: a pipe must not hold the process.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(join(root, name), flags).catch((cause: unknown) => {
      const code = codeOf(cause);
      if (code === 'ELOOP')
        throw new BundleFault('not-a-file', `${visible(name)} is a link or no plain file`, {
          cause,
        });
      throw new BundleFault(
        code === 'ENOENT' ? 'file-missing' : 'unreadable',
        `${name} ${code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`}`,
        { cause },
      );
    });
    try {
      if (!(await file.stat()).isFile())
        throw new BundleFault('not-a-file', `${visible(name)} is a link or no plain file`);
      // Never more than one byte too many, however fast the file grows.
      const bytes = Buffer.alloc(maxBytes + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
        if (length > maxBytes)
          throw new BundleFault('too-large', `${name} is longer than ${maxBytes} bytes`);
      }
      return bytes.subarray(0, length);
    } finally {
      await file.close();
    }
  }

  return { list, read };
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason';
}
