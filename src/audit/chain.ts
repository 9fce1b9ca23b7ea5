import { open } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { quote, type JsonObject } from '../lib/json.ts';
import { CHECKPOINTS } from './checkpoint-file.ts';
import type { AppendCheckpoint } from './checkpoint-file.ts';
import type { AuditEvent, AuditFields } from './events.ts';
import { chainStart, membersOf, sealRecord } from './record.ts';
import type { ChainEnd } from './record.ts';
import type { Redact } from './redact.ts';
import { segmentFile } from './segment-name.ts';
import { Segment } from './segment.ts';

export type ChainLimits = {
  /** A checkpoint after so many records … */
  readonly records: number;
  /** … or so many milliseconds after the first record without one. */
  readonly ms: number;
  /** A new segment when one would grow beyond. */
  readonly bytes: number;
};

export type ChainOptions = {
  readonly folder: string;
  readonly run: string;
  /** Of records that belong to no call. */
  readonly traceId: string;
  /** What the first record of each segment says. */
  readonly opening: JsonObject;
  readonly appendCheckpoint: AppendCheckpoint;
  /** Keeps how far the checkpoints have come, outside of the folder. */
  readonly remember: (at: { readonly count: number; readonly root: string }) => void;
  readonly redact: Redact;
  readonly now: () => Date;
  readonly onError: (error: Error) => void;
  readonly limits: ChainLimits;
};

export type Chain = {
  readonly append: (event: AuditEvent, fields: AuditFields) => number;
  readonly close: () => Promise<void>;
};

const RESERVED = ['seq', 'time', 'prev', 'hash', 'event'];
const TRACE_ID = /^[0-9a-f]{32}$/;

/** Begins the chain of one process: records in segments, and checkpoints over them. */
export async function createChain(options: ChainOptions): Promise<Chain> {
  const { limits } = options;
  let end: ChainEnd = { seq: 0, prev: chainStart(options.run) };
  let number = 1;
  let segment = new Segment(join(options.folder, segmentFile(options.run, number)));
  let unsigned = 0;
  let timer: NodeJS.Timeout | undefined;
  let signing: Promise<void> | undefined;
  let overdue = false;
  let closing: Promise<void> | undefined;

  write('audit-open', { ...options.opening, segment: number });
  await segment.sync();
  await finish(sign('open'));

  function append(event: AuditEvent, fields: AuditFields): number {
    if (closing) throw new Error('Cannot write the audit: it is closed');
    // A chain that nobody signs any more could be cut without a trace.
    if (overdue) signNow('tick');
    const seq = write(event, fields);
    unsigned++;
    if (unsigned >= limits.records) signSoon();
    else timer ??= setTimeout(signSoon, limits.ms).unref();
    return seq;
  }

  function write(event: AuditEvent, fields: AuditFields): number {
    const reserved = RESERVED.find((name) => Object.hasOwn(fields, name));
    if (reserved) throw new TypeError(`Cannot write the audit: ${reserved} is not the caller's`);
    const traceId = fields.traceId ?? options.traceId;
    if (!TRACE_ID.test(traceId)) throw new TypeError('Cannot write the audit: bad trace id');
    const time = options.now().toISOString();
    const record = options.redact.members(fields);
    record.set('traceId', quote(traceId)).set('event', quote(event)).set('time', quote(time));
    let sealed = sealRecord(record, end);
    if (segment.size > 0 && segment.size + sealed.line.length > limits.bytes) {
      rotate(time);
      sealed = sealRecord(record, end);
    }
    segment.write(sealed.line);
    const { seq } = end;
    end = { seq: seq + 1, prev: sealed.hash };
    return seq;
  }

  /** Signs the old segment, and continues its chain in a new one. */
  function rotate(time: string): void {
    signNow('tick');
    const next = new Segment(join(options.folder, segmentFile(options.run, number + 1)));
    const { traceId } = options;
    const opening = { ...options.opening, segment: number + 1, traceId, event: 'audit-open', time };
    const sealed = sealRecord(membersOf(opening), end);
    try {
      next.write(sealed.line);
      next.syncNow();
    } catch (thrown) {
      next.close();
      rmSync(next.path, { force: true });
      throw thrown;
    }
    segment.close();
    segment = next;
    number++;
    end = { seq: end.seq + 1, prev: sealed.hash };
    options.remember(sign('open'));
  }

  /** Signs what is written so far; the segment must be on the disk already. */
  function sign(kind: 'open' | 'tick' | 'close', at = end): { count: number; root: string } {
    segment.checkInPlace();
    clearTimeout(timer);
    unsigned = end.seq - at.seq;
    timer = unsigned > 0 ? setTimeout(signSoon, limits.ms).unref() : undefined;
    return options.appendCheckpoint({
      kind,
      segment: segmentFile(options.run, number),
      seq: at.seq - 1,
      hash: at.prev,
      time: options.now().toISOString(),
    });
  }

  function signNow(kind: 'tick' | 'close'): void {
    segment.syncNow();
    const signed = sign(kind);
    overdue = false;
    options.remember(signed);
  }

  function signSoon(): void {
    signing ??= signLater()
      .catch((thrown: unknown) => {
        overdue = true;
        options.onError(thrown instanceof Error ? thrown : new Error(String(thrown)));
      })
      .finally(() => {
        signing = undefined;
      });
  }

  /** The slow part, waiting for the disk, does not stand in the way of calls. */
  async function signLater(): Promise<void> {
    const at = end;
    const from = segment;
    await from.sync();
    // Meanwhile rotated or closed: that has signed more than this would.
    if (from !== segment || closing) return;
    const signed = sign('tick', at);
    write('checkpoint', signed);
    await finish(signed);
  }

  /** Remembers a checkpoint once it is on the disk: the memory must never be ahead of the file. */
  async function finish(signed: { count: number; root: string }): Promise<void> {
    await using file = await open(join(options.folder, CHECKPOINTS), 'r+');
    await file.datasync();
    options.remember(signed);
  }

  async function closeOnce(): Promise<void> {
    clearTimeout(timer);
    await signing;
    write('audit-close', {});
    signNow('close');
    segment.close();
  }

  function close(): Promise<void> {
    closing ??= closeOnce();
    return closing;
  }

  return { append, close };
}
