import { randomBytes } from 'node:crypto';
import { Fault } from '../lib/fault.ts';
import { makePrivateFolder } from '../state/private-file.ts';
import { createChain } from './chain.ts';
import type { ChainLimits } from './chain.ts';
import { createAppendCheckpoint, CheckpointReader, startCheckpoints } from './checkpoint-file.ts';
import { readCheckpoint, segmentOf } from './checkpoint.ts';
import type { Checkpoint, SegmentCheckpoint } from './checkpoint.ts';
import type { AuditEvent, AuditFields } from './events.ts';
import { headPath, readHead, writeHead } from './head.ts';
import type { AuditHead } from './head.ts';
import { openAuditKey } from './key.ts';
import { processGone } from './process-gone.ts';
import { recoverSegments } from './recover.ts';
import { createRedact } from './redact.ts';
import { runName } from './segment-name.ts';

/** `digest`: keyed digests of arguments alone; `redacted`: their values too, without credentials, cut short. */
export type ArgumentsMode = 'digest' | 'redacted';

export interface Audit extends AsyncDisposable {
  readonly arguments: ArgumentsMode;
  /**
   * Writes one record and returns its `seq`. When this returns, the record survives the death of the process. Throws
   * when it may be lost; the caller then refuses what it was about to do.
   */
  append(event: AuditEvent, fields: AuditFields): number;
  /** HMAC-SHA256, hex, of canonical JSON, with a key of this state. */
  digest(canonical: string): string;
  /** Ends the chain with a signed checkpoint. */
  close(): Promise<void>;
}

export type AuditOptions = {
  /** Folder, created 0700; several processes may share it. */
  readonly path: string;
  /** 0600 key file, created on first use; its folder also remembers how far the checkpoints had come. */
  readonly stateKeyPath: string;
  readonly arguments: ArgumentsMode;
  /** Values that must never appear. */
  readonly secrets: readonly string[];
  readonly now: () => Date;
  /** Takes what went wrong beside an append: doubts about earlier records, a checkpoint that failed. */
  readonly onError: (error: Error) => void;
  readonly limits?: Partial<ChainLimits>;
};

/** Opens the audit folder and begins a chain of records for this process. Throws a `Fault` when it cannot. */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  const time = options.now().toISOString();
  makePrivateFolder(options.path);
  const key = openAuditKey(options.stateKeyPath);
  startCheckpoints(options.path, key, time);

  const reader = new CheckpointReader(options.path);
  const newest = new Map<string, string>();
  reader.settle((entry) => {
    if (entry.index === 0) checkOwner(entry.checkpoint);
    const segment = segmentOf(entry.line.bytes);
    // A copy: a line is a piece of a larger buffer.
    if (segment !== undefined) newest.set(segment, entry.line.bytes.toString('latin1'));
  });

  function checkOwner(checkpoint: Checkpoint | undefined): void {
    if (checkpoint?.kind !== 'first' || checkpoint.key !== key.publicKey)
      throw new Fault(`Cannot write the audit in ${options.path}: it belongs to another key`, {
        hint: `restore ${options.stateKeyPath}, or move the folder away to begin a new one`,
      });
  }

  /** Read for the few segments that nobody ended: a folder has a checkpoint of every second of its life. */
  function newestOf(segment: string): SegmentCheckpoint | undefined {
    const checkpoint = readCheckpoint(Buffer.from(newest.get(segment) ?? '', 'latin1'));
    return checkpoint?.kind !== 'first' && checkpoint?.segment === segment ? checkpoint : undefined;
  }

  const headFile = headPath(options.stateKeyPath, options.path);
  const missing = missingHistory(readHead(headFile), reader);
  if (missing)
    options.onError(
      new Error(`Cannot find earlier audit records: ${missing.count} checkpoints were here before`),
    );

  const append = createAppendCheckpoint(reader, key);
  const doubts = recoverSegments({
    folder: options.path,
    publicKey: key.publicKey,
    newestOf,
    gone: processGone,
    append,
    time,
  });
  for (const doubt of doubts)
    options.onError(new Error(`Cannot vouch for audit records: ${doubt}`));

  const chain = await createChain({
    folder: options.path,
    run: runName(options.now(), process.pid, randomBytes(6).toString('hex')),
    traceId: randomBytes(16).toString('hex'),
    opening: {
      version: 1,
      pid: process.pid,
      key: key.publicKey,
      ...(missing && { missing: { count: missing.count, root: missing.root } }),
      ...(doubts.length > 0 && { doubts }),
    },
    appendCheckpoint: append,
    remember: (at) => {
      writeHead(headFile, { folder: options.path, ...at });
    },
    redact: createRedact(options),
    now: options.now,
    onError: options.onError,
    limits: { records: 256, ms: 1_000, bytes: 67_108_864, ...options.limits },
  });

  return {
    arguments: options.arguments,
    append: chain.append,
    digest: key.digest,
    close: chain.close,
    [Symbol.asyncDispose]: chain.close,
  };
}

/** What the state remembers of this folder and the folder no longer holds. */
export function missingHistory(
  head: AuditHead | undefined,
  reader: CheckpointReader,
): AuditHead | undefined {
  return head && reader.roots[head.count] !== head.root ? head : undefined;
}
