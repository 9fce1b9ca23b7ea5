import { closeSync, constants, existsSync, fstatSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../lib/json.ts';
import { createPrivateFile, openPrivateFile } from '../state/private-file.ts';
import type { AuditKey } from './key.ts';
import { EMPTY_ROOT, nextRoot, readCheckpoint, sealCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readLines } from './lines.ts';
import type { Line } from './lines.ts';

export const CHECKPOINTS = 'checkpoints';

export type CheckpointEntry = {
  readonly line: Line;
  /** From 0. */
  readonly index: number;
  /** Root before this line. */
  readonly before: string;
  /** Undefined when the line cannot be read. Read when it is asked for: of most lines nobody wants more than the root. */
  readonly checkpoint: Checkpoint | undefined;
};

/** Follows the file: each `read` takes what was appended since, by any process. */
export class CheckpointReader {
  readonly path: string;
  /** `roots[n]` covers the first n lines. 64 bytes a checkpoint is all the memory that grows. */
  readonly roots: string[] = [EMPTY_ROOT];
  /** Bytes behind the last line feed. */
  unfinished = 0;
  /** Where the lines read so far end. */
  offset = 0;

  constructor(folder: string) {
    this.path = join(folder, CHECKPOINTS);
  }

  get count(): number {
    return this.roots.length - 1;
  }

  get root(): string {
    return this.roots.at(-1) ?? EMPTY_ROOT;
  }

  read(onEntry?: (entry: CheckpointEntry) => void): void {
    this.unfinished = 0;
    for (const line of readLines(this.path, this.offset)) {
      if (!line.ended) {
        this.unfinished = line.bytes.length;
        break;
      }
      const before = this.root;
      this.offset = line.end;
      this.roots.push(nextRoot(before, line.bytes));
      onEntry?.({
        line,
        index: this.count - 1,
        before,
        get checkpoint() {
          return readCheckpoint(line.bytes);
        },
      });
    }
  }

  /** Reads until the last line is whole, or surely never will be: another process may be writing it. */
  settle(onEntry?: (entry: CheckpointEntry) => void): void {
    this.read(onEntry);
    for (let attempt = 0; attempt < 5 && this.unfinished > 0; attempt++) {
      pause(5);
      this.read(onEntry);
    }
  }

  /** The bytes behind the last line feed. */
  tail(): Buffer {
    for (const line of readLines(this.path, this.offset)) if (!line.ended) return line.bytes;
    return Buffer.alloc(0);
  }
}

export type AppendCheckpoint = (parts: JsonObject) => {
  readonly count: number;
  readonly root: string;
};

/** Makes the file with its first line, which names the public key. Several processes may try at once. */
export function startCheckpoints(folder: string, key: AuditKey, time: string): void {
  const path = join(folder, CHECKPOINTS);
  if (existsSync(path)) return;
  const parts = { count: 0, key: key.publicKey, kind: 'first', root: EMPTY_ROOT, time };
  createPrivateFile(path, sealCheckpoint(parts, key.sign));
}

/**
 * Appends signed lines without a lock: one write of less than 4 KB at the end of the file. Each line commits to all
 * lines its writer had read, so that a removed line breaks every later one; two writers at the same moment commit to
 * the same lines, and the next line to both. Throws when the line is not written whole.
 */
export function createAppendCheckpoint(reader: CheckpointReader, key: AuditKey): AppendCheckpoint {
  return function appendCheckpoint(parts) {
    reader.settle();
    // Half a line is left when a disk was full: it gets its line feed, and this line says which one is torn.
    const torn = reader.unfinished > 0;
    const before = torn
      ? { count: reader.count + 1, root: nextRoot(reader.root, reader.tail()), torn: reader.count }
      : { count: reader.count, root: reader.root };
    const line = sealCheckpoint({ ...parts, ...before }, key.sign);
    writeWhole(reader, torn ? `\n${line}` : line);
    reader.read();
    return { count: reader.count, root: reader.root };
  };
}

function writeWhole(reader: CheckpointReader, text: string): void {
  const bytes = Buffer.from(text);
  // Without O_CREAT: a file that somebody took away must not silently begin anew.
  const file = openPrivateFile(reader.path, constants.O_WRONLY | constants.O_APPEND);
  try {
    if (fstatSync(file).size < reader.offset)
      throw new Error('Cannot write a checkpoint: the file is shorter than it was');
    const written = writeSync(file, bytes);
    if (written !== bytes.length)
      throw new Error(
        `Cannot write a checkpoint: ${written} of ${bytes.length} bytes were written`,
      );
  } finally {
    closeSync(file);
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
