import { existsSync, readdirSync } from 'node:fs';
import { Fault } from '../lib/fault.ts';
import { missingHistory } from './audit.ts';
import { CheckpointReader, CHECKPOINTS } from './checkpoint-file.ts';
import type { AuditHead } from './head.ts';
import { Problem } from './problem.ts';
import { listSegments, parseSegmentName } from './segment-name.ts';
import type { SegmentName } from './segment-name.ts';
import { createCheckpointBook } from './verify-checkpoints.ts';
import { createReceiptBook } from './verify-receipts.ts';
import { verifyRun } from './verify-run.ts';

export type VerifyOptions = {
  readonly path: string;
  /** Ed25519 public key, hex; without one the folder's own word is taken, which proves less. */
  readonly publicKey?: string | undefined;
  /** What the state remembers of this folder. */
  readonly head?: AuditHead | undefined;
  /** Told of each run that is verified, and how many records of it are. */
  readonly onRun?: (run: string, records: number) => void;
};

export type Verification = {
  readonly ok: boolean;
  readonly runs: number;
  readonly segments: number;
  readonly records: number;
  readonly checkpoints: number;
  readonly publicKey: string | null;
  /** Whether the key came from outside of the folder. */
  readonly keyConfirmed: boolean;
  /** What is not as it should be and yet can come from a crash. */
  readonly warnings: readonly string[];
  readonly problem: {
    readonly file: string;
    readonly line: number | null;
    readonly seq: number | null;
    readonly what: string;
  } | null;
};

const DRAFT = /^\.[0-9a-f]{16}\.tmp$/;

/**
 * Checks every byte of an audit folder: spelling, hashes, links, signatures, and that nothing which a checkpoint covers
 * is gone, that each approval was given by a signed receipt and used once, and that each step belongs to a plan that was
 * signed. Stops at the first problem. Memory grows with the number of checkpoints, approvals and plans of one run alone.
 * Safe beside writers.
 */
export async function verifyAudit(options: VerifyOptions): Promise<Verification> {
  const { path } = options;
  if (!existsSync(path)) throw new Fault(`Cannot verify ${path}: there is no such folder`);
  const counts = { runs: 0, segments: 0, records: 0 };
  const warnings: string[] = [];
  const reader = new CheckpointReader(path);
  const book = createCheckpointBook(reader, options.publicKey, warnings);

  function conclude(problem: Verification['problem']): Verification {
    return {
      ok: problem === null,
      ...counts,
      checkpoints: reader.count,
      publicKey: book.publicKey() ?? null,
      keyConfirmed: options.publicKey !== undefined,
      warnings,
      problem,
    };
  }

  try {
    book.readAll();
    const missing = missingHistory(options.head, reader);
    if (missing)
      throw new Problem(
        CHECKPOINTS,
        `the state remembers ${missing.count} lines, not all are here`,
        book.suspect(),
      );
    // Segments are listed after the checkpoints are read: whatever a checkpoint names is there already.
    const files = readdirSync(path);
    book.requireSegments(new Set(files));
    for (const file of files)
      if (file !== CHECKPOINTS && !parseSegmentName(file) && !DRAFT.test(file))
        warnings.push(`${file} is no part of the audit`);
    const receipts = createReceiptBook(() => book.publicKey(), warnings);
    const segments = listSegments(files);
    for (const run of byRun(segments)) {
      const records = await verifyRun(path, run, { book, receipts, warnings, counts });
      if (run[0]) options.onRun?.(run[0].run, records);
      counts.runs++;
    }
    book.finish();
    receipts.finish(listSegments(readdirSync(path)).length > segments.length);
    return conclude(null);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const { file, line = null, seq = null, message } = thrown;
    return conclude({ file, line, seq, what: message });
  }
}

function byRun(names: readonly SegmentName[]): Iterable<SegmentName[]> {
  const runs = new Map<string, SegmentName[]>();
  for (const name of names) {
    const run = runs.get(name.run);
    if (run) run.push(name);
    else runs.set(name.run, [name]);
  }
  return runs.values();
}
