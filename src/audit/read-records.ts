import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readLines } from './lines.ts';
import { readRecord } from './record.ts';
import type { AuditRecord } from './record.ts';
import { listSegments } from './segment-name.ts';
import type { SegmentName } from './segment-name.ts';

type Source = {
  readonly records: Generator<AuditRecord>;
  current: AuditRecord;
};

/**
 * All records of a folder in the order of their time, whatever process wrote them. Constant memory: a run is opened
 * when its time comes. Lines that are no records are left out and told to `onUnreadable`; the proof is `verifyAudit`.
 */
export function* readRecords(
  folder: string,
  onUnreadable: (file: string, line: number) => void,
): Generator<AuditRecord> {
  const runs = new Map<string, SegmentName[]>();
  for (const name of listSegments(readdirSync(folder)))
    runs.set(name.run, [...(runs.get(name.run) ?? []), name]);
  const waiting = [...runs.values()];
  const open = new Set<Source>();
  try {
    while (open.size > 0 || waiting.length > 0) {
      let next = earliest(open);
      while (waiting[0] && (!next || began(waiting[0]) <= Date.parse(next.current.time))) {
        const records = readRun(folder, waiting[0], onUnreadable);
        waiting.shift();
        const first = records.next();
        if (first.done !== true) open.add({ records, current: first.value });
        next = earliest(open);
      }
      if (!next) continue;
      yield next.current;
      const following = next.records.next();
      if (following.done === true) open.delete(next);
      else next.current = following.value;
    }
  } finally {
    // Closes the files of runs that were not read to their end.
    for (const { records } of open) records.return(undefined);
  }
}

function* readRun(
  folder: string,
  run: readonly SegmentName[],
  onUnreadable: (file: string, line: number) => void,
): Generator<AuditRecord> {
  for (const { file } of run)
    for (const line of readLines(join(folder, file))) {
      const record = line.ended ? readRecord(line.bytes) : 'half a line';
      if (typeof record === 'string') onUnreadable(file, line.number);
      else yield record;
    }
}

function began([first]: readonly SegmentName[]): number {
  return first?.started ?? 0;
}

function earliest(open: ReadonlySet<Source>): Source | undefined {
  let found: Source | undefined;
  for (const source of open) if (!found || source.current.time < found.current.time) found = source;
  return found;
}
