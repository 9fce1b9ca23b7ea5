import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { canonicalJson, type JsonObject } from '../lib/json.ts';
import {
  createScanJson,
  createScanJsonEventually,
  type ScanEventually,
  type ScanJson,
} from './scan-json.ts';
import type { Passed } from './passed.ts';
import type { Scan, Scanning } from './scan.ts';

export type ScanDefinitions = {
  /**
   * Scans what a server says about a tool, resource or prompt: name, title, descriptions, annotations, icons and every
   * string of its schemas. `block` means that the catalogue quarantines it. Each is scanned once while it is remembered.
   */
  readonly scan: (definition: JsonObject) => Scanning;
  /** Scans a whole list beforehand, with room for others in between: a list of megabytes must not hold them up. */
  readonly ahead: (definitions: readonly JsonObject[]) => Promise<void>;
};

/** Definitions change; an upstream that changes them without end must not fill the memory. */
const MAX_REMEMBERED = 20_000;
/** Characters of definitions between two breaths. */
const AT_ONCE = 65_536;

const PASS: Scanning = { score: 0, verdict: 'pass', findings: [] };

/** `eventually` may answer later; both must judge alike. `passed` has those that need no reading; of these nothing more is told. */
export function createScanDefinitions(
  scan: Scan,
  eventually: ScanEventually,
  passed?: Pick<Passed, 'has' | 'add'>,
): ScanDefinitions {
  const now: ScanJson = createScanJson(scan);
  const later = createScanJsonEventually(eventually);
  const known = new Map<string, Scanning>();

  function remember(key: string, scanning: Scanning): Scanning {
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, scanning);
    if (scanning.verdict === 'pass') passed?.add(key);
    return scanning;
  }

  const before = (key: string): Scanning | undefined =>
    known.get(key) ?? (passed?.has(key) === true ? PASS : undefined);

  return {
    scan(definition) {
      const key = digest(canonicalJson(definition));
      return before(key) ?? remember(key, now(definition, 'tool-description'));
    },
    async ahead(definitions) {
      let characters = 0;
      for (const definition of definitions) {
        const text = canonicalJson(definition);
        const key = digest(text);
        if (before(key)) continue;
        remember(key, await later(definition, 'tool-description'));
        characters += text.length;
        if (characters < AT_ONCE) continue;
        characters = 0;
        await setImmediate();
      }
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
