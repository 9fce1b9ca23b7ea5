/** A part of a text that must not be shown; offsets in UTF-16 code units. */
export type Span = { readonly start: number; readonly end: number; readonly kind: string };

/** Finds all parts of one kind of data in a text, in any order. Linear in the text. */
export type Find = (text: string) => Span[];

/** `text` with each part replaced by `[redacted:KIND]`; parts that overlap or touch become one. */
export function cutOut(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let result = '';
  let at = 0;
  for (const { start, end, kind } of merged(spans)) {
    result += `${text.slice(at, start)}[redacted:${kind}]`;
    at = end;
  }
  return result + text.slice(at);
}

function merged(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = whole.at(-1);
    if (last && span.start <= last.end)
      whole[whole.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else whole.push(span);
  }
  return whole;
}
