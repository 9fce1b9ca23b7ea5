import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import type { WithheldOutput } from '../output/scan-output.ts';
import type { Withheld } from '../state/withheld.ts';
import type { Audit } from './audit.ts';
import type { Redact } from './redact.ts';

/** Keeps an output for a person and writes that down; the original is in the store, never in the record. */
export function createWithhold(options: {
  readonly store: Withheld;
  readonly audit: Audit;
  readonly now: () => Date;
  /** Takes the owner's own secrets out of a text: a server that was given one may put it into a result. */
  readonly redact: Redact['known'];
}): (output: WithheldOutput) => Promise<string> {
  return async function withhold({ traceId, subject, result, score, findings }) {
    const found = findings.map((finding) => ({ ...finding }));
    const time = options.now().toISOString();
    const kept = { time, traceId, subject, score, findings: found, result };
    const id = options.store.put(mapStrings(kept, options.redact));
    options.audit.append('withheld', { traceId, id, subject, score, findings: found });
    return await Promise.resolve(id);
  };
}

function mapStrings(object: JsonObject, map: (text: string) => string): JsonObject {
  function mapValue(value: JsonValue | undefined): JsonValue | undefined {
    if (typeof value === 'string') return map(value);
    if (isJsonObject(value)) return mapStrings(value, map);
    if (!Array.isArray(value)) return value;
    return value.map((inner: JsonValue) => mapValue(inner) ?? null);
  }
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [map(key), mapValue(value)]),
  );
}
