import type { JsonObject, Label, Session } from './call.ts';
import type { Prints } from './policy/facts/prints.ts';
import { SESSION_MS } from './suspicion/suspicion.ts';

type Of = Pick<Session, 'id' | 'labels' | 'foreignLabels'>;

/** What sessions were given, to be known again in their arguments. */
export type Traces = {
  /** Begins to keep prints of what sessions are given: a policy asks for them. */
  readonly watch: (createPrints: () => Prints) => void;
  /** Before a result with these labels is released. */
  readonly add: (session: Of, result: JsonObject, labels: readonly Label[]) => void;
  /** Labels of what the arguments repeat, and of all that was given while nobody kept prints or has been forgotten. */
  readonly labelsIn: (session: Of, args: JsonObject) => readonly Label[];
};

/** Each may hold some MB of prints. */
const MAX_SESSIONS = 100;

type Known = {
  /** Those of what nobody kept prints of. */
  readonly lost: Set<Label>;
  prints: Prints | undefined;
  seenAt: number;
};

/**
 * Prints are of one process, and of the sessions used last: what is forgotten may be repeated by any argument. Until a policy asks, only labels are kept: then any argument may repeat their text.
 */
export function createTraces(now: () => number): Traces {
  /** Least recently used first. */
  const sessions = new Map<string, Known>();
  let hasForgotten = false;
  let create: (() => Prints) | undefined;

  return {
    watch(createPrints) {
      create ??= createPrints;
    },
    add({ id, labels: carried }, result, labels) {
      if (labels.length === 0) return;
      const before = sessions.get(id);
      // What has been forgotten may have been about this session.
      const lost = new Set(before === undefined && hasForgotten ? carried : before?.lost);
      const known: Known = { lost, prints: before?.prints, seenAt: now() };
      sessions.delete(id);
      sessions.set(id, known);
      forgetOld(known.seenAt);
      known.prints ??= create?.();
      for (const label of known.prints?.add(result, labels) ?? labels) known.lost.add(label);
    },
    labelsIn({ id, labels, foreignLabels }, args) {
      const known = sessions.get(id);
      if (known === undefined && hasForgotten) return [...labels];
      const found = known?.prints ? (known.prints.labelsIn(args) ?? labels) : [];
      // What another process was given may be repeated by any argument.
      const all = new Set([...(known?.lost ?? []), ...found, ...(foreignLabels ?? [])]);
      // What a person has taken off the session is taken off what it repeats.
      return [...all].filter((label) => labels.has(label));
    },
  };

  function forgetOld(time: number): void {
    for (const [oldest, { seenAt }] of sessions) {
      if (time - seenAt <= SESSION_MS && sessions.size <= MAX_SESSIONS) break;
      sessions.delete(oldest);
      hasForgotten = true;
    }
  }
}
