import type { Finding } from '../call.ts';
import type { Channel } from './channel.ts';
import type { Normal } from './normalise.ts';
import { createPhrases } from './phrases.ts';
import { RULES } from './rules.ts';
import type { Rule } from './rules/rule.ts';
import { matches, type View } from './view.ts';

export type Evidence = {
  /** Log-odds, the most that any stretch of the text holds. */
  readonly weight: number;
  readonly findings: readonly (Finding & { readonly weight: number })[];
};

type Hit = { readonly rule: Rule; readonly start: number; end: number; weight: number };

const matchPhrases = createPhrases(
  RULES.flatMap(({ id, phrases = [] }) => phrases.map((text) => ({ rule: id, text }))),
);
const BY_ID = new Map(RULES.map((rule) => [rule.id, rule]));
const PATTERNS = RULES.flatMap((rule) => (rule.pattern ? [{ rule, pattern: rule.pattern }] : []));

/** Rules that hit within so many characters speak of the same thing. */
const STRETCH = 600;
/** Findings told per reading; all of them are weighed. */
const MAX_TOLD = 50;
/** Said where no person looks, or so that no person can read it: an order there is hardly innocent. */
const CONCEALED = /hidden|base64|hex|url|rot13|reversed/;
const CONCEALMENT = 1.5;
/** A quoted attack in a text about attacks is marked, but hardly withheld. */
const QUOTED = 0.65;
/** The same without quotation marks; both are small enough that pretending to write about attacks gains little. */
const DISCUSSED = 0.9;
const MANY_TOPICS = 3;

/** Weighs one reading of a text. */
export function measure(view: View, channel: Channel, normal: Normal): Evidence {
  const hits = find(view.text, channel);
  // A definition has no reason to quote attacks.
  if (channel !== 'tool-description') discount(view.text, hits);
  let weight = strongest(hits);
  if (weight > 0) {
    if (CONCEALED.test(view.name)) weight += CONCEALMENT;
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
  return { weight, findings };
}

function find(text: string, channel: Channel): Hit[] {
  const hits: Hit[] = [];
  const last = new Map<string, Hit>();
  const add = (rule: Rule, start: number, end: number): void => {
    if (rule.notIn?.includes(channel)) return;
    const before = last.get(rule.id);
    if (before && start <= before.end) {
      before.end = Math.max(before.end, end);
      return;
    }
    const hit = { rule, start, end, weight: rule.weight };
    hits.push(hit);
    last.set(rule.id, hit);
  };
  matchPhrases(text, (id, start, end) => {
    const rule = BY_ID.get(id);
    if (rule) add(rule, start, end);
  });
  for (const { rule, pattern } of PATTERNS)
    for (const match of matches(text, pattern))
      add(rule, match.index, match.index + match[0].length);
  return hits.toSorted((a, b) => a.start - b.start);
}

/** The largest sum of different families within one stretch; each counts once. A stretch holds a bounded number of hits. */
function strongest(hits: readonly Hit[]): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < hits.length; last++) {
    const end = hits[last];
    if (end === undefined) break;
    while ((hits[first]?.start ?? 0) < end.start - STRETCH) first++;
    const best = new Map<string, number>();
    for (let at = first; at <= last; at++) {
      const hit = hits[at];
      if (hit === undefined) continue;
      const family = hit.rule.family ?? hit.rule.id;
      best.set(family, Math.max(best.get(family) ?? 0, hit.weight));
    }
    let sum = 0;
    for (const weight of best.values()) sum += weight;
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
