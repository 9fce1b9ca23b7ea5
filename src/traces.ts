import type { JsonObject, Label, Session } from './call.ts';
import type { Prints } from './policy/facts/prints.ts';

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

type Known = {
  /** Those of what nobody kept prints of. */
  readonly lost: Set<Label>;
  prints: Prints | undefined;
};

/** Prints are of one process. Until a policy asks, only labels are kept: then any argument may repeat their text. */
export function createTraces(): Traces {
  const sessions = new Map<string, Known>();
  let create: (() => Prints) | undefined;

  return {
    watch(createPrints) {
      create ??= createPrints;
    },
    add({ id }, result, labels) {
      if (labels.length === 0) return;
      let known = sessions.get(id);
      if (!known) sessions.set(id, (known = { lost: new Set(), prints: undefined }));
      known.prints ??= create?.();
      for (const label of known.prints?.add(result, labels) ?? labels) known.lost.add(label);
    },
    labelsIn({ id, labels, foreignLabels }, args) {
      const known = sessions.get(id);
      const found = known?.prints ? (known.prints.labelsIn(args) ?? labels) : [];
      // What another process was given may be repeated by any argument.
      const all = new Set([...(known?.lost ?? []), ...found, ...(foreignLabels ?? [])]);
      // What a person has taken off the session is taken off what it repeats.
      return [...all].filter((label) => labels.has(label));
    },
  };
}
