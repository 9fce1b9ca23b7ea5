import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKPOINTS } from './checkpoint-file.ts';
import { Problem } from './problem.ts';
import { processGone } from './process-gone.ts';
import { chainStart, sha256 } from './record.ts';
import type { AuditRecord, ChainEnd } from './record.ts';
import type { SegmentName } from './segment-name.ts';
import type { CheckpointBook } from './verify-checkpoints.ts';
import { createPlanBook } from './verify-plans.ts';
import type { ReceiptBook } from './verify-receipts.ts';
import { ChainBreak, isTorn, walkSegment } from './walk-segment.ts';
import type { Walked } from './walk-segment.ts';

const LOOK_AGAIN_MS = 50;
/** A process has this long between its last record and the checkpoint over it, both forced to the disk. */
const CLOSING_MS = 2_000;

type Checks = {
  readonly book: CheckpointBook;
  readonly receipts: ReceiptBook;
  readonly warnings: string[];
  readonly counts: { segments: number; records: number };
};

type OnRecord = (record: AuditRecord, line: number) => void;

/** Checks the segments of one run, which are one chain, and returns how many records it has. Throws `Problem`. */
export async function verifyRun(
  folder: string,
  run: readonly SegmentName[],
  checks: Checks,
): Promise<number> {
  const [name] = run;
  if (!name) return 0;
  let end: ChainEnd = { seq: 0, prev: chainStart(name.run) };
  let last = name;
  let closed = false;
  // Plans are of one process: what another one's names is known to no step here.
  const plans = createPlanBook(() => checks.book.publicKey(), checks.warnings);
  for (const [at, segment] of run.entries()) {
    last = segment;
    if (segment.number !== at + 1)
      throw new Problem(segment.file, `segment ${at + 1} of this run is missing`);
    const walked = walk(
      folder,
      segment.file,
      end,
      (record, line) => {
        if (closed) throw new Problem(segment.file, 'a record follows the end', line, record.seq);
        closed = record.event === 'audit-close';
        plans.note(segment.file, line, record);
      },
      checks,
    );
    if (walked.tail.length > 0) {
      if (at !== run.length - 1) throw notWhole(segment.file, walked);
      await checkTail(folder, segment, walked, checks);
    }
    end = walked.end;
    checks.counts.segments++;
  }
  // Without this, taking the last line away from the checkpoints would leave no trace.
  if (closed && !(await isCovered(last, end, checks.book)))
    throw new Problem(CHECKPOINTS, `the last checkpoint of ${last.file} is missing`);
  return end.seq;
}

/** Whether a checkpoint covers the end of a run. A process that still runs may be about to write it. */
async function isCovered(last: SegmentName, end: ChainEnd, book: CheckpointBook): Promise<boolean> {
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    // Asked before the checkpoints are read: one that is gone by then has written what it ever will.
    const over = waited >= CLOSING_MS || processGone(last.pid, last.started);
    if (book.covers(last.file, end.seq - 1, end.prev)) return true;
    if (over) return false;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Checks the records of one segment against its checkpoints. */
function walk(
  folder: string,
  file: string,
  start: ChainEnd,
  onRecord: OnRecord,
  checks: Checks,
): Walked {
  const { book, receipts, counts } = checks;
  const signed = new Map(book.of(file).map(({ seq, hash }) => [seq, hash]));
  function check(record: AuditRecord, line: number): void {
    if (line === 1 && record.event !== 'audit-open')
      throw new Problem(file, 'the first record is not audit-open', line, record.seq);
    const hash = signed.get(record.seq);
    if (hash !== undefined && hash !== record.hash)
      throw new Problem(file, 'the record is not the one that was signed', line, record.seq);
    signed.delete(record.seq);
    if (record.event === 'checkpoint') book.requireRoot(file, line, record);
    receipts.note(file, line, record);
    onRecord(record, line);
    counts.records++;
  }
  try {
    const walked = walkSegment(join(folder, file), start, check);
    const gone = [...signed.keys()].at(-1);
    if (gone !== undefined) {
      const what = `the record ${gone} was signed and is missing`;
      throw new Problem(file, what, walked.records + 1, walked.end.seq);
    }
    checkEnd(file, walked, checks);
    return walked;
  } catch (thrown) {
    if (!(thrown instanceof ChainBreak)) throw thrown;
    throw new Problem(file, thrown.message, thrown.line, thrown.seq);
  }
}

/** What nobody signed may stand behind the last checkpoint of a running or crashed process, and nowhere else. */
function checkEnd(file: string, { records, end, tail }: Walked, { book, warnings }: Checks): void {
  if (book.of(file).length === 0) book.readAll();
  const newest = book.of(file).at(-1);
  if (!newest) {
    // A process can die between its first record and the checkpoint of it, but no later without one.
    if (records > 1) throw new Problem(file, 'no checkpoint was ever signed over this segment');
    warnings.push(`${file} ends before its first checkpoint`);
    return;
  }
  if (newest.kind !== 'recover') return;
  if (newest.seq !== end.seq - 1)
    throw new Problem(file, 'a record follows the end', undefined, newest.seq + 1);
  const text = tail.toString('latin1');
  if (
    (newest.tail?.bytes ?? 0) !== tail.length ||
    (newest.tail && newest.tail.sha256 !== sha256(text))
  )
    throw new Problem(file, 'what stands behind the last record was changed', records + 1, end.seq);
}

/** Half a record at the very end of a dead process's chain is what a crash leaves; anything else is not. */
async function checkTail(
  folder: string,
  name: SegmentName,
  walked: Walked,
  { book, warnings }: Checks,
): Promise<void> {
  const kind = book.of(name.file).at(-1)?.kind;
  if (kind === 'close' || !isTorn(walked.tail)) throw notWhole(name.file, walked);
  if (kind !== 'recover' && !processGone(name.pid, name.started)) {
    // It may be writing this very line.
    await sleep(LOOK_AGAIN_MS);
    const again = walkSegment(join(folder, name.file), undefined, () => undefined);
    if (again.records > walked.records) return;
    throw notWhole(name.file, walked);
  }
  warnings.push(`${name.file}, line ${walked.records + 1}: half a record, left by a crash`);
}

function notWhole(file: string, { records, end }: Walked): Problem {
  return new Problem(file, 'the line is not a whole record', records + 1, end.seq);
}
