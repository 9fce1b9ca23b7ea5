import { mapStrings } from '../lib/map-strings.ts';
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
  return async function withhold({ traceId, subject, result, score, findings, segments }) {
    const found = findings.map((finding) => ({ ...finding }));
    const time = options.now().toISOString();
    const kept = { time, traceId, subject, score, findings: found, result };
    const redacted = mapStrings(kept, options.redact, { mapKey: options.redact });
    const id = options.store.put(redacted);
    const parts = segments.map((segment) => ({ ...segment }));
    options.audit.append('withheld', {
      traceId,
      id,
      subject,
      score,
      findings: found,
      segments: parts,
    });
    return await Promise.resolve(id);
  };
}
