import type { Label } from '../call.ts';

/** What the servers of one session know of values that its model has not read. */
export interface Told {
  /** This server was given values with these labels: whatever it returns from now on may hold them. */
  gave(server: string, labels: Iterable<Label>): void;
  /** This server returned values that are kept as handles: what it says beside its results may hold them. */
  returned(server: string, labels: Iterable<Label>): void;
  inResults(server: string): ReadonlySet<Label>;
  /** Of what it logs and asks. */
  inSpeech(server: string): ReadonlySet<Label>;
}

const NOTHING: ReadonlySet<Label> = new Set();

/** Bounded by the servers of the configuration and the labels of its lock file. */
export function createTold(): Told {
  const given = new Map<string, Set<Label>>();
  const known = new Map<string, Set<Label>>();
  return {
    gave(server, labels) {
      const all = [...labels];
      add(given, server, all);
      add(known, server, all);
    },
    returned: (server, labels) => add(known, server, labels),
    inResults: (server) => given.get(server) ?? NOTHING,
    inSpeech: (server) => known.get(server) ?? NOTHING,
  };
}

function add(to: Map<string, Set<Label>>, server: string, labels: Iterable<Label>): void {
  to.set(server, new Set([...(to.get(server) ?? NOTHING), ...labels]));
}
