import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../lib/json.ts';
import type { Channel } from './channel.ts';
import type { Scan, Scanning } from './scan.ts';
import { createScanJson } from './scan-json.ts';

/**
 * Scans what a server says about a tool, resource or prompt: name, title, descriptions, annotations, icons and every
 * string of its schemas. `block` means that the catalogue quarantines it.
 */
export function scanDefinition(definition: JsonObject, scan: Scan): Scanning {
  return createScanJson(scan)(definition, 'tool-description');
}

/** The same for many sessions that list the same definitions: each is scanned once while it is remembered. */
export function createScanDefinition(scan: Scan): (definition: JsonObject) => Scanning {
  const known = new Map<string, Scanning>();
  return function remembered(definition) {
    const key = createHash('sha256').update(canonicalJson(definition)).digest('base64');
    const before = known.get(key);
    if (before) return before;
    const scanning = scanDefinition(definition, scan);
    // Definitions change; an upstream that changes them without end must not fill the memory.
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, scanning);
    return scanning;
  };
}

const MAX_REMEMBERED = 20_000;

/** Scans one text that is shown to the model outside a result: an error message, `instructions`; the text to show instead. */
export function scanText(
  text: string,
  channel: Channel,
  scan: Scan,
): Scanning & { readonly shown: string } {
  const scanning = scan(text, channel);
  return { ...scanning, shown: scanning.verdict === 'pass' ? text : REPLACED };
}

const REPLACED =
  '[sallyport: a text of the server was left out, it reads like instructions to the model]';
