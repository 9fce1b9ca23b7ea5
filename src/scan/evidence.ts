import type { Finding } from '../call.ts';
import type { Channel } from './channel.ts';
import type { Learned, Score } from './model/score.ts';
import type { Reading } from './readings.ts';
import { bookOf } from './rule-book.ts';
import type { Rule } from './rules/rule.ts';
import { isConcealed, matches } from './view.ts';

export type Evidence = {
  /** Log-odds, the most that any stretch of the text holds. */
  readonly weight: number;
  readonly findings: readonly (Finding & { readonly weight: number })[];
  /** What the learned score says; nothing of a text without words. */
  readonly learned: Learned | undefined;
};

type Hit = { readonly rule: Rule; readonly start: number; end: number; weight: number };

/** Rules that hit within so many characters speak of the same thing. */
const STRETCH = 600;
/** Findings told per reading; all of them are weighed. */
const MAX_TOLD = 50;
const CONCEALMENT = 1.5;
/** Characters before a hit that may turn it into its opposite. */
const BEHIND = 12;
/** A quoted attack in a text about attacks is marked, but hardly withheld. */
const QUOTED = 0.65;
/** The same without quotation marks; both are small enough that pretending to write about attacks gains little. */
const DISCUSSED = 0.9;
const MANY_TOPICS = 3;

/** Weighs one reading of a text. */
export function measure(
  { view, normal }: Reading,
  channel: Channel,
  score: Score,
  rules: readonly Rule[],
): Evidence {
  const hits = find(view.text, channel, score, rules);
  // A definition has no reason to quote attacks.
  if (channel !== 'tool-description') discount(view.text, hits);
  let weight = strongest(hits);
  if (weight > 0) {
    // An order is hardly innocent there.
    if (isConcealed(view.name)) weight += CONCEALMENT;
    if (normal.smuggled >= 8) weight += 3;
    else if (normal.invisible >= 3 || normal.mixed >= 3) weight += 2;
  }
  const findings = hits
    .filter((hit) => hit.weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, MAX_TOLD)
    .map((hit) => {
      const [start, end] = view.locate(hit.start, hit.end);
      return { rule: hit.rule.id, view: view.name, start, end, weight: hit.weight };
    });
  return { weight, findings, learned: score.end() };
}

function find(text: string, channel: Channel, score: Score, rules: readonly Rule[]): Hit[] {
  const { matchPhrases, byId, patterns } = bookOf(rules);
  const hits: Hit[] = [];
  const last = new Map<string, Hit>();
  const add = (rule: Rule, start: number, end: number): void => {
    if (rule.notIn?.includes(channel) || rule.onlyIn?.includes(channel) === false) return;
    if (rule.notBehind?.test(text.slice(Math.max(0, start - BEHIND), start))) return;
    const before = last.get(rule.id);
    if (before && start <= before.end) {
      before.end = Math.max(before.end, end);
      return;
    }
    const hit = { rule, start, end, weight: rule.weight };
    hits.push(hit);
    last.set(rule.id, hit);
  };
  score.begin(text);
  matchPhrases(
    text,
    (id, start, end) => {
      const rule = byId.get(id);
      if (rule) add(rule, start, end);
    },
    score.word,
  );
  for (const { rule, pattern } of patterns)
    for (const match of matches(text, pattern))
      add(rule, match.index, match.index + match[0].length);
  return hits.toSorted((a, b) => a.start - b.start);
}

/** The largest sum of different families within one stretch; each counts once. Remembers the last place of each weight of a family: no number of hits makes it slow. */
function strongest(hits: readonly Hit[]): number {
  const families = new Map<string, Map<number, number>>();
  let most = 0;
  for (const { rule, start, weight } of hits) {
    const name = rule.family ?? rule.id;
    const lastAt = families.get(name) ?? new Map<number, number>();
    families.set(name, lastAt);
    lastAt.set(weight, start);
    let sum = 0;
    for (const places of families.values()) {
      let best = 0;
      for (const [heavy, at] of places) if (heavy > best && at >= start - STRETCH) best = heavy;
      sum += best;
    }
    most = Math.max(most, sum);
  }
  return most;
}

const OPENING = /["'“”‘’«»`「『„(]/;
const CLOSING = /["'“”‘’«»`」』)]/;

/** Lowers hits that stand near words of people who write about attacks. Topics are walked along with the hits. */
function discount(text: string, hits: readonly Hit[]): void {
  const topics = hits.filter(({ rule }) => rule.id === 'topic').map(({ start }) => start);
  let first = 0;
  let next = 0;
  for (const hit of hits) {
    while ((topics[first] ?? Infinity) < hit.start - STRETCH) first++;
    while ((topics[next] ?? Infinity) <= hit.start + STRETCH) next++;
    const near = next - first;
    if (near > 0 && isQuoted(text, hit)) hit.weight *= QUOTED;
    else if (near >= MANY_TOPICS) hit.weight *= DISCUSSED;
  }
}

function isQuoted(text: string, { start, end }: Hit): boolean {
  return (
    OPENING.test(text.slice(Math.max(0, start - 24), start)) &&
    CLOSING.test(text.slice(end, end + 120))
  );
}
