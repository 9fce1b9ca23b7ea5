import * as z from 'zod';

/** One thing about one argument of a call: which argument, which statistic, and what it is there. */
export type Feature = {
  readonly argument: string;
  readonly statistic: string;
  /** A number has neighbours, a text is the same or another one. */
  readonly category: string | number;
};

export type Reason = {
  readonly argument: string;
  readonly statistic: string;
  readonly score: number;
};
export type Score = { readonly score: number; readonly reasons: readonly Reason[] };

const statistic = z.strictObject({
  /** How often a category had no room. */
  spilled: z.int().min(0),
  /** Category → the first day it was seen on, whether it is known, and how often it was seen. */
  seen: z.record(z.string(), z.tuple([z.int(), z.boolean(), z.int()])),
});
const profile = z.strictObject({
  /** Of the definition that it was learned for. */
  hash: z.string(),
  calls: z.int().min(0),
  /** Who has taught how often on that day, by digests. */
  taught: z.strictObject({ day: z.int(), by: z.record(z.string(), z.int()) }),
  statistics: z.record(z.string(), statistic),
});

/** What was seen of the arguments of one tool: digests, sizes and kinds, never a value. */
export type Profile = z.output<typeof profile>;
export const profiles = z.strictObject({
  version: z.literal(1),
  tools: z.record(z.string(), profile),
});

export const LIMITS = {
  /** Calls until there is a score. */
  cold: 30,
  /** Calls of one tool that one person teaches on one day. */
  lessons: 20,
  teachers: 200,
  statistics: 1024,
  categories: 128,
  /** Categories of one statistic that are new on one day. */
  fresh: 8,
} as const;

export function emptyProfile(hash: string): Profile {
  return { hash, calls: 0, taught: { day: 0, by: {} }, statistics: {} };
}

/** How unlike earlier calls it is, 0 to 100; undefined until enough of them are known. */
export function scoreOf(known: Profile, features: readonly Feature[]): Score | undefined {
  if (known.calls < LIMITS.cold) return undefined;
  const isFull = Object.keys(known.statistics).length >= LIMITS.statistics;
  const most = new Map<string, Reason>();
  for (const { argument, statistic: name, category } of features) {
    const key = keyOf(argument, name);
    const found = known.statistics[key] ?? (isFull ? undefined : NEVER);
    const score = found ? surprise(found, category, callsWith(known, argument)) : 0;
    if (score > (most.get(key)?.score ?? 0)) most.set(key, { argument, statistic: name, score });
  }
  const reasons = [...most.values()].toSorted((a, b) => b.score - a.score).slice(0, 5);
  return { score: reasons[0]?.score ?? 0, reasons };
}

type Statistic = Profile['statistics'][string];
const NEVER: Statistic = { spilled: 0, seen: {} };

/** Good and Turing: something new is as likely as what was seen but once, of all calls with this argument. */
function surprise(found: Statistic, category: string | number, calls: number): number {
  const { seen } = found;
  const known = Object.keys(seen).filter((each) => seen[each]?.[1]);
  const isKnown =
    typeof category === 'string'
      ? known.includes(category)
      : Math.min(...known.map(Number)) - 1 <= category &&
        category <= Math.max(...known.map(Number)) + 1;
  return isKnown ? 0 : Math.max(0, Math.floor(100 * (1 - (once(found) + 1) / (calls + 1))));
}

function once({ seen, spilled }: Statistic): number {
  return Object.values(seen).filter(([, , times]) => times === 1).length + spilled;
}

/** Every call tells which arguments it has, in a statistic of its own. */
function callsWith({ calls, statistics }: Profile, argument: string): number {
  return argument === '' ? calls : (statistics[keyOf('', 'arguments')]?.seen[argument]?.[2] ?? 0);
}

/**
 * Learns from one call of this teacher. What is new counts as known when it comes again on another day, so that nobody
 * gets used to something within one session.
 */
export function learn(
  known: Profile,
  features: readonly Feature[],
  { day, teacher }: { readonly day: number; readonly teacher: string },
): void {
  if (known.taught.day < day) known.taught = { day, by: {} };
  const { by } = known.taught;
  const lessons = by[teacher] ?? 0;
  const isRoom = teacher in by || Object.keys(by).length < LIMITS.teachers;
  if (!isRoom || lessons >= LIMITS.lessons || known.taught.day > day) return;
  by[teacher] = lessons + 1;
  const isCold = known.calls++ < LIMITS.cold;
  const counted = new Set<string>();
  for (const { argument, statistic: name, category } of features) {
    const key = keyOf(argument, name);
    const one = `${key} ${category}`;
    if (counted.has(one)) continue;
    counted.add(one);
    let found = known.statistics[key];
    if (!found) {
      if (Object.keys(known.statistics).length >= LIMITS.statistics) continue;
      known.statistics[key] = found = { spilled: 0, seen: {} };
    }
    const isDiverse = once(found) * 2 >= callsWith(known, argument);
    remember(found, String(category), { day, isCold, isDiverse });
  }
}

type When = { readonly day: number; readonly isCold: boolean; readonly isDiverse: boolean };

function remember(into: Statistic, category: string, { day, isCold, isDiverse }: When): void {
  const before = into.seen[category];
  if (before) {
    const [first, isKnown, times] = before;
    into.seen[category] = [first, isKnown || isCold || first < day, times + 1];
    return;
  }
  const all = Object.values(into.seen);
  const fresh = all.filter(([first, isKnown]) => first === day && !isKnown).length;
  const isRoom = all.length < LIMITS.categories;
  if (isRoom && (isCold || fresh < LIMITS.fresh)) into.seen[category] = [day, isCold, 1];
  // Otherwise whoever brings something new in every call would make all that is new usual.
  else if (!isRoom || isDiverse) into.spilled++;
}

function keyOf(argument: string, name: string): string {
  return `${name} ${argument}`;
}
