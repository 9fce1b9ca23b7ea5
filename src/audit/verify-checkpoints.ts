import { existsSync } from 'node:fs';
import { CHECKPOINTS } from './checkpoint-file.ts';
import type { CheckpointEntry, CheckpointReader } from './checkpoint-file.ts';
import { isSigned } from './checkpoint.ts';
import type { Checkpoint, SegmentCheckpoint } from './checkpoint.ts';
import { Problem } from './problem.ts';
import type { AuditRecord } from './record.ts';
import { parseSegmentName } from './segment-name.ts';
import { isTorn } from './walk-segment.ts';

export type CheckpointBook = {
  /** Reads and checks what is there, or was appended since. */
  readonly readAll: () => void;
  readonly publicKey: () => string | undefined;
  /** Checkpoints over one segment, oldest first. */
  readonly of: (file: string) => readonly SegmentCheckpoint[];
  readonly covers: (file: string, seq: number, hash: string) => boolean;
  readonly requireSegments: (present: ReadonlySet<string>) => void;
  /** A `checkpoint` record in a segment vouches for the lines of this file. */
  readonly requireRoot: (file: string, line: number, record: AuditRecord) => void;
  /** The first line that cannot be read and that no later one calls torn. */
  readonly suspect: () => number | undefined;
  /** Every line that could not be read must have been called torn by a later, signed one. */
  readonly finish: () => void;
};

/** Reads the checkpoints and believes none that is not signed. Throws `Problem`. */
export function createCheckpointBook(
  reader: CheckpointReader,
  pinned: string | undefined,
  warnings: string[],
): CheckpointBook {
  const bySegment = new Map<string, SegmentCheckpoint[]>();
  /** Lines that cannot be read, by index from 0. */
  const unread = new Map<number, Buffer>();
  const torn = new Set<number>();
  let key: string | undefined;

  function readAll(): void {
    if (!existsSync(reader.path)) throw new Problem(CHECKPOINTS, 'the file is missing');
    reader.settle(take);
    if (reader.count === 0) throw new Problem(CHECKPOINTS, 'the file has no whole line', 1);
  }

  function take(entry: CheckpointEntry): void {
    const { checkpoint, index } = entry;
    if (!checkpoint) {
      // No crash leaves such a line. Named here, before what follows from it hides which one it was.
      if (!isTorn(entry.line.bytes))
        throw new Problem(CHECKPOINTS, 'the line is not a checkpoint', index + 1);
      unread.set(index, Buffer.from(entry.line.bytes));
      return;
    }
    check(checkpoint, entry);
    if (checkpoint.torn !== undefined) torn.add(checkpoint.torn);
    if (checkpoint.kind === 'first') return;
    const list = bySegment.get(checkpoint.segment);
    if (list) list.push(checkpoint);
    else bySegment.set(checkpoint.segment, [checkpoint]);
  }

  function check(checkpoint: Checkpoint, { index, before }: CheckpointEntry): void {
    const line = index + 1;
    if ((index === 0) !== (checkpoint.kind === 'first'))
      throw new Problem(CHECKPOINTS, 'the first line, and no other, names the key', line);
    if (checkpoint.kind === 'first') {
      if (pinned !== undefined && checkpoint.key !== pinned)
        throw new Problem(CHECKPOINTS, 'the key is not the one of this state', line);
      key = checkpoint.key;
    } else if (!parseSegmentName(checkpoint.segment))
      throw new Problem(CHECKPOINTS, 'the line names no segment', line);
    if (!key || !isSigned(checkpoint, key))
      throw new Problem(CHECKPOINTS, 'the signature does not fit the line', line);
    const root = checkpoint.count === index ? before : reader.roots[checkpoint.count];
    if (checkpoint.count > index || checkpoint.root !== root) {
      const [unreadable] = unread.keys();
      if (unreadable !== undefined)
        throw new Problem(CHECKPOINTS, 'the line is not a checkpoint', unreadable + 1);
      throw new Problem(CHECKPOINTS, 'the lines before are not those that were signed', line);
    }
  }

  function of(file: string): readonly SegmentCheckpoint[] {
    return bySegment.get(file) ?? [];
  }

  function covers(file: string, seq: number, hash: string): boolean {
    function found(): boolean {
      return of(file).some((checkpoint) => checkpoint.seq === seq && checkpoint.hash === hash);
    }
    if (found()) return true;
    readAll();
    return found();
  }

  function requireSegments(present: ReadonlySet<string>): void {
    for (const file of bySegment.keys())
      if (!present.has(file)) throw new Problem(file, 'the segment is missing');
  }

  function requireRoot(file: string, line: number, record: AuditRecord): void {
    const count = Number(record['count']);
    if (count > reader.count) readAll();
    if (reader.roots[count] !== record['root'])
      throw new Problem(
        CHECKPOINTS,
        `the first ${count} lines are not those that ${file}, line ${line} saw`,
      );
  }

  function suspect(): number | undefined {
    const index = [...unread.keys()].find((at) => !torn.has(at));
    return index === undefined ? undefined : index + 1;
  }

  function finish(): void {
    for (const [index, bytes] of unread) {
      if (!torn.has(index) || !isTorn(bytes))
        throw new Problem(CHECKPOINTS, 'the line is not a checkpoint', index + 1);
      warnings.push(
        `${CHECKPOINTS}, line ${index + 1}: half a line, left by a full disk or a crash`,
      );
    }
    if (reader.unfinished === 0) return;
    if (!isTorn(reader.tail()))
      throw new Problem(CHECKPOINTS, 'the last line is not whole, nor half', reader.count + 1);
    warnings.push(`${CHECKPOINTS}, line ${reader.count + 1}: half a line, left by a crash`);
  }

  return {
    readAll,
    publicKey: () => key,
    of,
    covers,
    requireSegments,
    requireRoot,
    suspect,
    finish,
  };
}
