import type { JsonObject, JsonValue } from '../lib/json.ts';
import { mapStrings } from '../lib/map-strings.ts';
import type { Marked, Wrap } from './mark.ts';

export type MarkLooseOptions = {
  readonly wrap: Wrap;
  /** Whether the detector has nothing to say. */
  readonly isQuiet: (value: JsonValue) => Promise<boolean>;
};

/** Programs, not models, read these, and delimiters would break them. */
const FIXED = new Set(['type', 'uri', 'uriTemplate', 'mimeType', 'role', 'data', 'blob', 'src']);
/** A tool's own structure may name its members as it likes. */
const OWN = { opaque: 'structuredContent' };
/** More than that are looked at in no single result: each is a scan of its own. */
const MAX_LOOSE = 2000;

/**
 * Sees to the strings of a marked result that are not text of its items: names, titles, descriptions, `_meta`,
 * structured content, fields nobody knows. A model may be shown any of them, so the suspicious ones get delimiters too.
 * Undefined: something suspicious is left that cannot have any, such as a key or an address.
 */
export async function markLoose(
  { result, isWrapped }: Marked,
  { wrap, isQuiet }: MarkLooseOptions,
): Promise<JsonObject | undefined> {
  const blank = (text: string): string => (isWrapped(text) ? '' : text);
  if (await isQuiet(mapStrings(result, blank))) return result;

  const loose = new Set<string>();
  mapStrings(
    result,
    (text, key) => {
      if (!isWrapped(text) && !FIXED.has(key) && /\s/u.test(text)) loose.add(text);
      return text;
    },
    OWN,
  );
  if (loose.size > MAX_LOOSE) return undefined;
  const suspicious = new Set<string>();
  for (const text of loose) if (!(await isQuiet(text))) suspicious.add(text);
  // Suspicious only together: an attack that was cut into pieces.
  for (const these of suspicious.size < loose.size ? [suspicious, loose] : [loose]) {
    const wrapped = new Set<string>();
    let refused = false;
    const marked = mapStrings(
      result,
      (text, key) => {
        if (isWrapped(text) || FIXED.has(key) || !these.has(text)) return text;
        const inside = wrap(text) ?? '';
        refused ||= inside === '';
        wrapped.add(inside);
        return inside;
      },
      OWN,
    );
    if (refused) return undefined;
    const rest = mapStrings(marked, (text) => (wrapped.has(text) ? '' : blank(text)));
    if (await isQuiet(rest)) return marked;
  }
  return undefined;
}
