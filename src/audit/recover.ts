import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../lib/json.ts';
import { isSigned } from './checkpoint.ts';
import type { SegmentCheckpoint } from './checkpoint.ts';
import { sha256 } from './record.ts';
import { listSegments } from './segment-name.ts';
import type { SegmentName } from './segment-name.ts';
import { isTorn, walkSegment } from './walk-segment.ts';

export type RecoverOptions = {
  readonly folder: string;
  readonly publicKey: string;
  /** The newest checkpoint of a segment. */
  readonly newestOf: (segment: string) => SegmentCheckpoint | undefined;
  /** Whether the process that began to write at that time no longer runs. */
  readonly gone: (pid: number, since: number) => boolean;
  readonly append: (parts: JsonObject) => unknown;
  readonly time: string;
};

/**
 * Signs what dead processes wrote after their last checkpoint, so that it cannot be cut off later. Signs nothing that
 * does not follow from a signed checkpoint: a file that somebody put there must not become genuine. Returns what it
 * could not vouch for.
 */
export function recoverSegments(options: RecoverOptions): string[] {
  const lastOfRun = new Map(
    listSegments(readdirSync(options.folder)).map((name) => [name.run, name]),
  );
  const doubts: string[] = [];
  for (const name of lastOfRun.values()) {
    const newest = options.newestOf(name.file);
    const { kind } = newest ?? {};
    if (kind === 'close' || kind === 'recover' || !options.gone(name.pid, name.started)) continue;
    const doubt = recoverOne(name, newest, options);
    if (doubt) doubts.push(`${name.file}: ${doubt}`);
  }
  return doubts;
}

function recoverOne(
  name: SegmentName,
  known: SegmentCheckpoint | undefined,
  options: RecoverOptions,
): string | undefined {
  if (known && !isSigned(known, options.publicKey))
    return 'its checkpoint is not signed by this key';
  let vouched = false;
  let event = '';
  try {
    const { end, records, tail } = walkSegment(
      join(options.folder, name.file),
      undefined,
      (record) => {
        event = record.event;
        if (record.seq === known?.seq && record.hash === known.hash) vouched = true;
      },
    );
    if (records === 0) return undefined;
    // A process can die between its first record and the checkpoint of it, but no later without one.
    if (!known && records === 1 && event === 'audit-open') vouched = true;
    if (!vouched) return 'its records do not follow from a checkpoint';
    if (!isTorn(tail)) return 'what stands behind the last record is not half a record';
    options.append({
      kind: 'recover',
      segment: name.file,
      seq: end.seq - 1,
      hash: end.prev,
      time: options.time,
      ...(tail.length > 0 && {
        tail: { bytes: tail.length, sha256: sha256(tail.toString('latin1')) },
      }),
    });
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
