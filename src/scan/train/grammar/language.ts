/** What an attack wants of the agent. */
export const GOALS = [
  'exfiltrate',
  'call-tool',
  'redirect',
  'spend',
  'persist',
  'hide',
  'shadow',
  'extract',
  'mislead',
  'disable',
  'delete',
  'derail',
] as const;
export type Goal = (typeof GOALS)[number];

/** Harmless texts that use the words of attacks. */
export const TOPICS = [
  'request',
  'developer',
  'honest-tool',
  'security',
  'account',
  'agent-file',
  'llm-docs',
  'error',
  'lesson',
  'dialogue',
  'offer',
  'legal',
  'recipe',
] as const;
export type Topic = (typeof TOPICS)[number];

/**
 * One language as a table. A pattern is text with `{slot}`s, `(a|b|c)` for a free choice and `[do|to]` for the two forms
 * of a verb: the imperative, and the form that `{to}` of the frames asks for (an infinitive in most languages).
 */
export type Language = {
  readonly code: string;
  /** Fillers by slot; objects stand in the case in which the sentences use them. */
  readonly slots: Readonly<Record<string, readonly string[]>>;
  /** Calls for attention, with or without an addressee and an authority; a clause follows. */
  readonly openings: readonly string[];
  /** Setting aside what was said before; a minority of attacks has one. */
  readonly overrides: readonly string[];
  /** Sentences around `{do}` or `{to}`. */
  readonly frames: readonly string[];
  /** The same for the description of a tool. */
  readonly notes: readonly string[];
  readonly reasons: readonly string[];
  readonly hides: readonly string[];
  readonly goals: Readonly<Record<Goal, readonly string[]>>;
  /** Twins: the same clauses asked of a person. */
  readonly people: readonly string[];
  /** Twins: the same clauses described, forbidden or reported. */
  readonly reports: readonly string[];
  /** Writing about attacks that quotes one as `{quote}`. */
  readonly quoting: readonly string[];
  readonly benign: Readonly<Record<Topic, readonly string[]>>;
  /** Sentences of ordinary documents, which carry both kinds. */
  readonly everyday: readonly string[];
};

/** The lines of a table, one pattern each. */
export const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
