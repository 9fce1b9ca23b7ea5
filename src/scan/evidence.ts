import type { Finding } from '../call.ts';
import type { Channel } from './channel.ts';
import type { Learned, Score } from './model/score.ts';
import type { Normal } from './normalise.ts';
import type { Place, Quotations } from './quoted.ts';
import type { Reading } from './readings.ts';
import { bookOf } from './rule-book.ts';
import type { Rule } from './rules/rule.ts';
import { isConcealed, matches, type View } from './view.ts';

export type Evidence = {
  /** Log-odds, the most that any stretch of the text holds, apart from what it only tells of. */
  readonly weight: number;
  /** The same with what it tells of, which can be marked and not withheld. */
  readonly quoted: number;
  readonly findings: readonly (Finding & { readonly weight: number })[];
  /** What the learned score says; nothing of a text without words. */
  readonly learned: Learned | undefined;
};

type Hit = {
  readonly rule: Rule;
  readonly start: number;
  end: number;
  weight: number;
  isQuoted: boolean;
};

/** Rules that hit within so many characters speak of the same thing. */
const STRETCH = 600;
/** Findings told per reading; all of them are weighed. */
const MAX_TOLD = 50;
const CONCEALMENT = 1.5;
/** Characters before a hit that may turn it into its opposite. */
const BEHIND = 12;
/** Where texts of others come from, and a mark puts delimiters around them. A definition or a question has no reason to quote attacks. */
const QUOTES: ReadonlySet<Channel> = new Set<Channel>(['tool-output', 'resource']);
/** Among many words of people who write about attacks; small enough that pretending to gains little. */
const DISCUSSED = 0.9;
const MANY_TOPICS = 3;

/** Weighs one reading of a text; `quotations` are those of the text as it came. */
export function measure(
  { view, normal }: Reading,
  channel: Channel,
  score: Score,
  rules: readonly Rule[],
  quotations: () => Quotations,
): Evidence {
  const hits = find(view.text, channel, score, rules);
  const learned = score.end();
  // What is said out of sight is not told of.
  const mayQuote =
    QUOTES.has(channel) && OPEN.test(view.name) && normal.smuggled + normal.invisible === 0;
  if (mayQuote) markQuoted(hits, view, quotations());
  if (channel !== 'tool-description') discount(hits);
  const bonus = bonusOf(view, normal);
  const raised = (weight: number): number => (weight > 0 ? weight + bonus : weight);
  const own = strongest(hits.filter(({ isQuoted }) => !isQuoted));
  const findings = hits
    .filter((hit) => hit.weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, MAX_TOLD)
    .map(({ rule, start, end, weight, isQuoted }) => {
      const [from, to] = view.locate(start, end);
      const finding = { rule: rule.id, view: view.name, start: from, end: to, weight };
      return isQuoted ? { ...finding, class: 'quoted' as const } : finding;
    });
  return { weight: raised(own), quoted: raised(strongest(hits)), findings, learned };
}

function markQuoted(hits: readonly Hit[], view: View, quotations: Quotations): void {
  const isHidden = view.name.includes('hidden');
  const places = new Map<Place, Hit>();
  for (const hit of hits)
    if (hit.weight > 0) places.set({ span: view.locate(hit.start, hit.end), isHidden }, hit);
  for (const place of quotations.tellOf([...places.keys()])) {
    const hit = places.get(place);
    if (hit) hit.isQuoted = true;
  }
}

/** What an order weighs more for where it stands: it is hardly innocent there. */
function bonusOf(view: View, { smuggled, invisible, mixed }: Normal): number {
  const concealed = isConcealed(view.name) ? CONCEALMENT : 0;
  return concealed + (smuggled >= 8 ? 3 : invisible >= 3 || mixed >= 3 ? 2 : 0);
}

/** Readings in which a quotation is still one. */
const OPEN = /^(?:raw|plain|joined|hidden|name|\+)+$/;

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
    const hit = { rule, start, end, weight: rule.weight, isQuoted: false };
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

/** Lowers hits that stand among words of people who write about attacks. Topics are walked along with the hits. */
function discount(hits: readonly Hit[]): void {
  const topics = hits.filter(({ rule }) => rule.id === 'topic').map(({ start }) => start);
  let first = 0;
  let next = 0;
  for (const hit of hits) {
    while ((topics[first] ?? Infinity) < hit.start - STRETCH) first++;
    while ((topics[next] ?? Infinity) <= hit.start + STRETCH) next++;
    // What is told of is not lowered for its frame a second time.
    if (next - first >= MANY_TOPICS && !hit.isQuoted) hit.weight *= DISCUSSED;
  }
}
