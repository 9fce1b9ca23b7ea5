import { isJsonObject, type JsonValue } from '../lib/json.ts';

/** The tokens of a JSON Pointer (RFC 6901), escapes undone; undefined: it is none. */
export function readPointer(text: string): readonly string[] | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/u.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `/steps/0/a~1b` of its tokens. */
export function pointerOf(tokens: readonly (string | number)[]): string {
  return tokens
    .map((token) => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** An index of an array as RFC 6901 has it: no sign, no leading zero, and `-` names nothing that is there. */
export const INDEX = /^(?:0|[1-9]\d{0,8})$/u;

/** What stands there; undefined: nothing. Only own members: `__proto__` and `length` name nothing. */
export function follow(root: JsonValue, tokens: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = root;
  for (const token of tokens) {
    if (Array.isArray(at)) at = INDEX.test(token) ? itemOf(at, Number(token)) : undefined;
    else if (isJsonObject(at)) at = Object.hasOwn(at, token) ? at[token] : undefined;
    else return undefined;
  }
  return at;
}

function itemOf(list: readonly JsonValue[], at: number): JsonValue | undefined {
  return list[at];
}
