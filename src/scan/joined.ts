import { createWeave, nested, type Span, type View, type Weave } from './view.ts';

const JSON_LIKE = /[[{,]\s{0,40}"(?:[^"\\\n]|\\.){0,200}"\s{0,8}[:,\]}]/;
/** What stands behind a string there, or the end. */
const NEXT = /^\s{0,16}([:,\]}]|$)/;
const LETTER = /\p{L}/u;

/**
 * The strings of something like JSON, joined in order, and again per key: an attack split over fields or rows is one
 * text for a model. Works on broken and cut JSON too.
 */
export function joined(view: View): View[] {
  if (!JSON_LIKE.test(view.text)) return [];
  const values: Span[] = [];
  const columns = new Map<string, Span[]>();
  let key = '';
  for (const { start, end, next } of strings(view.text)) {
    const value = view.text.slice(start, end);
    if (next === ':') key = value;
    else if (LETTER.test(value)) {
      values.push([start, end]);
      const column = columns.get(key);
      if (column) column.push([start, end]);
      else columns.set(key, [[start, end]]);
    }
  }
  if (values.length < 2) return [];
  const all = createWeave(view);
  for (const [start, end] of values) append(all, start, end, ' ');
  const byKey = createWeave(view);
  for (const column of columns.values()) {
    if (column.length === 1 || column.length === values.length) continue;
    for (const [start, end] of column) append(byKey, start, end, ' ');
    append(byKey, 0, 0, '\n\n');
  }
  const name = nested(view, 'joined');
  return [all.finish(name), byKey.finish(name)].filter(({ text }) => text !== '');
}

function append(weave: Weave, start: number, end: number, between: string): void {
  weave.copy(start, end);
  weave.put(between, end, end);
}

/**
 * The insides of strings as JSON has them, and the sign behind each. Quotation marks with something else behind the second
 * hold no such string: the second may open one. Walked by hand: a pattern would start again at each escaped quote.
 */
function* strings(text: string): Generator<{ start: number; end: number; next: string }> {
  for (let open = text.indexOf('"'); open !== -1;) {
    let close = open + 1;
    while (close < text.length && text[close] !== '"') close += text[close] === '\\' ? 2 : 1;
    if (close >= text.length) return;
    const next = NEXT.exec(text.slice(close + 1, close + 20))?.[1];
    if (next !== undefined) yield { start: open + 1, end: close, next };
    open = next === undefined ? close : text.indexOf('"', close + 1);
  }
}
