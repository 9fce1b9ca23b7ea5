import * as z from 'zod';
import { canonicalJson } from '../lib/json.ts';

/** How much of the gate is open to a session; the guardrails in `policies/default/bands.cedar` say what each means. */
export const BANDS = ['calm', 'careful', 'reading only', 'quarantined'] as const;
export const READING_ONLY = 2;
export const QUARANTINED = 3;
/** Marks that make a session one that only reads: the detector errs now and then, hardly three times. */
const MANY_MARKS = 3;

export const bandEvent = z.strictObject({
  /** Milliseconds since 1970. */
  time: z.int(),
  /** `mark` and `block` are the detector's, `lower` and `quarantine` a person's; `ended`: nobody called for hours. */
  kind: z.enum(['mark', 'block', 'lower', 'quarantine', 'ended']),
  who: z.strictObject({ issuer: z.string(), subject: z.string() }),
  /** What was found suspicious. */
  server: z.string().optional(),
  name: z.string().optional(),
  traceId: z.string().optional(),
  /** The band that a person has set. */
  to: z.int().min(0).max(READING_ONLY).optional(),
  reason: z.string().optional(),
  /** The person who has decided. */
  by: z.string().optional(),
});
export type BandEvent = z.infer<typeof bandEvent>;
export type Who = BandEvent['who'];

/** The events that still count, oldest first: what came before a person's decision, or another session, does not. */
export function standing(events: readonly BandEvent[]): BandEvent[] {
  const sorted = events.toSorted((a, b) => a.time - b.time);
  let from = 0;
  for (const [at, { kind }] of sorted.entries()) {
    const isHeld = sorted.slice(from, at).some((one) => one.kind === 'quarantine');
    if (kind === 'lower' || (kind === 'ended' && !isHeld)) from = at;
  }
  return sorted.slice(from);
}

/** 0 to 3. Only a person's decision or another session makes it less. */
export function bandOf(events: readonly BandEvent[]): number {
  const counting = standing(events);
  const count = (kind: BandEvent['kind']): number =>
    counting.filter((event) => event.kind === kind).length;
  if (count('quarantine') > 0) return QUARANTINED;
  if (count('block') > 0 || count('mark') >= MANY_MARKS) return READING_ONLY;
  return Math.max(counting[0]?.to ?? 0, count('mark') > 0 ? 1 : 0);
}

/** The known events that still count, and that nobody reads any more: no decision has ended them, somebody took them away. */
export function missing(known: readonly BandEvent[], read: readonly BandEvent[]): BandEvent[] {
  const there = new Set(read.map((event) => canonicalJson(event)));
  const gone = known.filter((event) => !there.has(canonicalJson(event)));
  const counting = new Set(standing([...read, ...gone]));
  return gone.filter((event) => counting.has(event));
}

/** Whether another one of this kind would count: what changes nothing any more is not kept. */
export function counts(events: readonly BandEvent[], kind: 'mark' | 'block'): boolean {
  const most = kind === 'mark' ? MANY_MARKS : 1;
  return standing(events).filter((event) => event.kind === kind).length < most;
}
