import {
  closeSync,
  fdatasyncSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';

const sync = promisify(fdatasync);

/** One file that one process appends whole lines to, and nobody else touches. */
export class Segment {
  readonly path: string;
  readonly #fd: number;
  readonly #inode: number;
  #size = 0;
  #broken: unknown;

  /** Creates the file; throws when it is there. */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'ax', 0o600);
    this.#inode = statSync(path).ino;
  }

  get size(): number {
    return this.#size;
  }

  /** Hands one line to the kernel, so that it survives the death of this process. Throws when it may be lost. */
  write(line: string): void {
    if (this.#broken) throw this.#broken;
    this.#checkUntouched();
    const bytes = Buffer.from(line);
    try {
      const written = writeSync(this.#fd, bytes);
      if (written !== bytes.length)
        throw new Error(`Cannot write the audit: ${written} of ${bytes.length} bytes were written`);
    } catch (cause) {
      this.#takeBack(cause);
      throw cause;
    }
    this.#size += bytes.length;
  }

  /** Throws when the file is no longer where a reader will look for it; slower than what each write checks. */
  checkInPlace(): void {
    if (statSync(this.path, { throwIfNoEntry: false })?.ino !== this.#inode) this.#fail('moved');
  }

  /** Puts what was written on the disk, so that it survives a power failure. */
  async sync(): Promise<void> {
    await sync(this.#fd);
  }

  syncNow(): void {
    fdatasyncSync(this.#fd);
  }

  close(): void {
    this.#broken ??= new Error('Cannot write the audit: it is closed');
    closeSync(this.#fd);
  }

  /** Writing into a file that was unlinked or cut succeeds, and its records are lost. */
  #checkUntouched(): void {
    const { nlink, size } = fstatSync(this.#fd);
    if (nlink === 0) this.#fail('removed');
    if (size !== this.#size) this.#fail('changed');
  }

  #fail(what: string): never {
    this.#broken = new Error(`Cannot write the audit: ${this.path} was ${what} by somebody else`);
    throw this.#broken;
  }

  /** Half a line with another behind it would break the chain; if it cannot be taken back, nothing more is written. */
  #takeBack(cause: unknown): void {
    try {
      ftruncateSync(this.#fd, this.#size);
    } catch {
      this.#broken = cause;
    }
  }
}
