import { isJsonObject, type JsonObject } from '../lib/json.ts';

/** Capabilities of a client that servers may use through the gate; others are not relayed. */
const RELAYED = ['sampling', 'elicitation', 'roots', 'experimental'] as const;

/** What servers are told of the capabilities that a client declared. */
export function relayed(declared: JsonObject): JsonObject {
  return Object.fromEntries(
    RELAYED.flatMap((name) => {
      const value = declared[name];
      return isJsonObject(value) ? [[name, value]] : [];
    }),
  );
}
