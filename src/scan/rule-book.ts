import { createPhrases, type MatchPhrases } from './phrases.ts';
import type { Rule } from './rules/rule.ts';

/** Rules as they are looked up while a text is read. */
export type RuleBook = {
  readonly matchPhrases: MatchPhrases;
  readonly byId: ReadonlyMap<string, Rule>;
  readonly patterns: readonly { readonly rule: Rule; readonly pattern: RegExp }[];
};

const books = new WeakMap<readonly Rule[], RuleBook>();

/** The book of some rules. It is written for the first text: a start is not held up by it. */
export function bookOf(rules: readonly Rule[]): RuleBook {
  const known = books.get(rules);
  if (known) return known;
  const book = {
    matchPhrases: createPhrases(
      rules.flatMap(({ id, phrases = [] }) => phrases.map((text) => ({ rule: id, text }))),
    ),
    byId: new Map(rules.map((rule) => [rule.id, rule])),
    patterns: rules.flatMap((rule) => (rule.pattern ? [{ rule, pattern: rule.pattern }] : [])),
  };
  books.set(rules, book);
  return book;
}
