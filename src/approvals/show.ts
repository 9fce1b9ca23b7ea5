import { isJsonObject, canonicalJson, type JsonObject, type JsonValue } from '../lib/json.ts';
import type { Call } from '../call.ts';
import { unmistakable } from './unmistakable.ts';

/** Characters of the arguments that are shown whole; above, long texts are cut in the middle, each where it stands. */
const SHOWN_WHOLE = 4000;
const MAX_SHOWN = 16_000;
const TEXT_END = 300;

/** Undefined where nobody could read it: a long argument in front must not push the next one out of sight. */
export function showArguments(call: Call): string | undefined {
  const args = sentBy(call);
  return written(args, SHOWN_WHOLE) ?? written(shorten(args), MAX_SHOWN);
}

/** Spelling out only makes it longer: nobody pays for reading a megabyte that will not be shown. */
function written(args: JsonValue, most: number): string | undefined {
  const text = canonicalJson(args);
  if (text.length > most) return undefined;
  const seen = unmistakable(text);
  return seen.length <= most ? seen : undefined;
}

/** A completion brings the arguments before it along. */
function sentBy({ method, params, args }: Call): JsonObject {
  return method === 'completion/complete'
    ? { argument: params['argument'], context: params['context'] }
    : args;
}

function shorten(value: JsonValue): JsonValue {
  if (typeof value === 'string') {
    const left = value.length - 2 * TEXT_END;
    return left <= 0
      ? value
      : `${value.slice(0, TEXT_END)}…[${left} characters not shown]…${value.slice(-TEXT_END)}`;
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => shorten(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      inner === undefined ? undefined : shorten(inner),
    ]),
  );
}

/**
 * Lines of at most `width` columns, each behind a bar: however long the text of somebody else's is and whatever it says,
 * no line of it begins where the gateway's own do.
 */
export function behindBar(text: string, width: number): string {
  const room = Math.max(20, width - BAR.length - 1);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const character of text) {
    // Which characters a terminal draws two columns wide is its own affair.
    const columns = character >= ' ' && character <= '~' ? 1 : 2;
    if (used + columns > room) {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += character;
    used += columns;
  }
  return [...lines, line].map((each) => `${BAR}${each}\n`).join('');
}

const BAR = '  | ';
