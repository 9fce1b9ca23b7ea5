import type { Kind } from '../catalogue/definition.ts';
import type { JsonObject } from '../lib/json.ts';

export type ListProblems = {
  /** Says why a list could not be had; within a minute of saying it, counts. */
  readonly tell: (server: string, kind: Kind, problem: string) => void;
  /** Says how many were counted and not said. */
  readonly end: () => void;
};

const QUIET_MS = 60_000;

/** A server can say `list_changed` a thousand times a second and fail each list: that must not become a thousand records. */
export function createListProblems(
  say: (fields: JsonObject) => void,
  now: () => number,
): ListProblems {
  const told = new Map<string, { server: string; kind: Kind; at: number; unsaid: number }>();

  return {
    tell(server, kind, problem) {
      const key = `${kind} ${server}`;
      const before = told.get(key);
      if (before && now() - before.at < QUIET_MS) {
        before.unsaid++;
        return;
      }
      told.set(key, { server, kind, at: now(), unsaid: 0 });
      say({ server, kind, problem, ...(before?.unsaid ? { again: before.unsaid } : {}) });
    },
    end() {
      for (const { server, kind, unsaid } of told.values())
        if (unsaid > 0) say({ server, kind, problem: 'the same again', again: unsaid });
      told.clear();
    },
  };
}
