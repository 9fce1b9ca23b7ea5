import { matches, type Span } from './view.ts';
import { HERE, isPointing, refers } from './voice.ts';

/**
 * Attacks that a text only tells of: inside quotation marks, code or a fence, with words of people who write about attacks
 * outside of it, and nothing outside that points the reader at what is quoted. Who only puts an order in quotation marks
 * has said none of those words; who says them and then "do as it says" has pointed.
 */
export type Quotations = {
  /** Which places that weigh as attacks only stand in quotations that are told of. Offsets are those of the text. */
  readonly tellOf: (places: readonly Place[]) => ReadonlySet<Place>;
};

export type Place = { readonly span: Span; readonly isHidden: boolean };

/** A quotation of signs ends in its line, and goes no further than this. */
const LONGEST = 400;
const FENCED =
  /^[ \t>]{0,8}(```|~~~|"""|''')[^\n]*\n(?:(?!^[ \t>]{0,8}\1)[^\n]*\n){0,200}^[ \t>]{0,8}\1/gm;
/** Behind nothing that a quotation cannot begin after, as an inch is. No single marks: whoever writes apostrophes would quote all between two of them. */
const INLINE =
  /(?<![\p{L}\p{N}])(?:"(?!\s)[^"\n]{3,400}(?<!\s)"|`[^`\n]{3,400}`|“[^”\n]{3,400}”|«[^»\n]{3,400}»|「[^」\n]{3,400}」|r#"[^"\n]{3,400}")/gu;
/** Words that only people who write about attacks need; "detect", "unsafe" and "threat" are those of any engineer. */
const TOPIC =
  /(?<![a-z])(?:(?:prompt|instruction|memory)[ _-]?injection|injection (?:attack|attempt|example|pattern|phrase)|jailbreak|attack(?:er|s|ed)?(?![a-z])|adversar|malicious|owasp|red[ _-]?team|exploit|phish)/gi;
const WORD = /\p{L}{2,}/gu;
const BEFORE = 300;
const AFTER = 160;

/** Words around a quotation that tell of it. */
const WORDS_ENOUGH = 6;

export const NOTHING_QUOTED = (): Quotations => ({ tellOf: () => new Set() });

/** Looks for the quotations of a whole text: who points at one may stand far from it. Linear; only asked where there is something to weigh. */
export function quotationsIn(text: string): Quotations {
  const spans = spansOf(text);
  const voice = without(text, spans);
  const isClosed = spans.length === 0 || isPointing(voice);
  // Who points may put that in quotation marks as well.
  const pointing = new Set(
    isClosed ? [] : spans.filter(([start, end]) => refers(text.slice(start, end))),
  );
  const told = new Map<Span, boolean>();

  function isTold(span: Span): boolean {
    const known = told.get(span) ?? isToldOf(voice, span);
    told.set(span, known);
    return known;
  }

  function around({ span: [start, end], isHidden }: Place): Span | undefined {
    const span = spans[before(spans, start)];
    if (!span || start < span[0] || end > span[1]) return undefined;
    // A page is quoted with the mark that hides a part of it; what is quoted inside of that part is hidden.
    return isHidden && !text.slice(span[0], start).includes('<') ? undefined : span;
  }

  return {
    tellOf(places) {
      if (isClosed) return new Set();
      const held = new Map(places.map((place) => [place, around(place)]));
      const attacks = new Set(held.values());
      // An attack that is quoted orders something; what orders and is no attack by itself points at one.
      if ([...pointing].some((span) => !attacks.has(span))) return new Set();
      return new Set(
        places.filter((place) => {
          const span = held.get(place);
          return span !== undefined && isTold(span);
        }),
      );
    },
  };
}

/** The last of them that begins at `place` or before. */
function before(spans: readonly Span[], place: number): number {
  let low = 0;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((spans[middle]?.[0] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  for (const { index, 0: found } of matches(text, FENCED))
    spans.push([index, index + found.length]);
  const rest = without(text, spans);
  for (const { index, 0: found } of matches(rest, INLINE))
    if (found.length <= LONGEST + 4) spans.push([index, index + found.length]);
  return spans.toSorted(([a], [b]) => a - b);
}

/** What is said outside of them, in its place. */
function without(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const [start, end] of spans) {
    parts.push(text.slice(done, start), HERE.padEnd(end - start));
    done = end;
  }
  return parts.join('') + text.slice(done);
}

function isToldOf(voice: string, [start, end]: Span): boolean {
  const near = `${voice.slice(Math.max(0, start - BEFORE), start)}\n${voice.slice(end, end + AFTER)}`;
  const count = (pattern: RegExp): number => [...matches(near, pattern)].length;
  if (count(WORD) < WORDS_ENOUGH) return false;
  return count(TOPIC) > 0;
}
