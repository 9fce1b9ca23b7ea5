import { matches, type Span } from './view.ts';

/**
 * Attacks that a text only tells of: inside quotation marks, code or a fence, with words of people who write about attacks
 * outside of it, and nothing outside that points the reader at what is quoted. Who only puts an order in quotation marks
 * has said none of those words; who says them and then "do as it says" has pointed.
 */
export type Quotations = {
  /** Whether a part of the text stands in a quotation that is told of. Offsets are those of the whole text. */
  readonly holds: (start: number, end: number, isHidden: boolean) => boolean;
};

/** A quotation of signs ends in its line, and goes no further than this. */
const LONGEST = 400;
const FENCED =
  /^[ \t>]{0,8}(```|~~~|"""|''')[^\n]*\n(?:(?!^[ \t>]{0,8}\1)[^\n]*\n){0,200}^[ \t>]{0,8}\1/gm;
/** Behind nothing that a quotation cannot begin after: an inch, an apostrophe. */
const INLINE =
  /(?<![\p{L}\p{N}])(?:"(?!\s)[^"\n]{3,400}(?<!\s)"|'(?!\s)[^\n]{3,400}?(?<!\s)'(?!\p{L})|`[^`\n]{3,400}`|“[^”\n]{3,400}”|‘[^’\n]{3,400}’(?!\p{L})|«[^»\n]{3,400}»|「[^」\n]{3,400}」|r#"[^"\n]{3,400}")/gu;
/** Where a quotation stood in the words around it. */
const HERE = '\ufffc';

/** Words of people who write about attacks; one of the first near a quotation is enough. */
const STRONG =
  /(?<![a-z])(?:(?:prompt|instruction|memory)[ _-]?injection|injection (?:attack|attempt|example|pattern|phrase)|jailbreak|attack(?:er|s|ed)?(?![a-z])|adversar|malicious|owasp|red[ _-]?team|exploit|payload|untrusted|detect|sanitiz|guardrail|threat|vulnerab|unsafe|suspicious)/gi;
const WEAK =
  /(?<![a-z])(?:example|sample|pattern|phrase|test|block|classif|refus|quot|risk|secur|trigger|warn|flag|scan|filter|inject|phish)/gi;
const WORD = /\p{L}{2,}/gu;
const BEFORE = 300;
const AFTER = 160;
const WEAK_ENOUGH = 2;

/** Outside of quotations: something that makes the reader act on what is quoted, in the languages that need few words for it. */
const POINTS = [
  // To do what is quoted, or what stands there.
  /(?<![\p{L}]|(?:not|never|may|might|could|would|to|or|and|that|who|which|n't) )(?:do(?! not)|follow|execute|obey|apply|perform|complete|carry|comply|act|adhere|honou?r|proceed|start|begin|continue|take|treat)(?![\p{L}])[^.!?\n\ufffc]{0,40}?(?:\ufffc|(?<![\p{L}])(?:above|below|quot\w{1,8}|sa(?:id|ys)|states|stated|verbatim|written|instructions?|command|orders?|directive|sentence|it|so|them|literally|seriously)(?![\p{L}]))/giu,
  /(?<![\p{L}])(?:must|should|shall|is to|are to|needs? to|has to|have to|to) be (?:followed|obeyed|executed|carried out|applied|done|honou?red|performed|acted (?:up)?on|complied)/giu,
  // That it holds for who reads this.
  /(?<![\p{L}])(?:applies|apply|addressed|meant|intended|directed|is|are) (?:to|for|at) (?:you|the (?:assistant|agent|model|reader|ai))|(?<![\p{L}])(?:is|are|was|were|and) (?:\w{1,12} )?(?:real|genuine|valid|binding|in force|authoritative|legitimate|approved|authori[sz]ed|not a drill|no drill|no example)(?![\p{L}])/giu,
  /(?<![\p{L}])your (?:\w+ )?(?:task|goal|job|order|instruction|mission|objective|turn)s?(?![\p{L}])|(?<![\p{L}])what (?:the|your) (?:user|owner|person|operator|customer)s? (?:wants?|asks?|asked|needs?|means?|meant)/giu,
  /(?<![\p{L}])(?:you|assistant|model|agent|ai|llm)(?![\p{L}])[^.!?\n]{0,20}?(?<![\p{L}])(?:must|shall|know what|are (?:now |hereby )?(?:asked|told|required|instructed|ordered)|have to|need to|please)(?![\p{L}])/giu,
  /(?<![\p{L}])(?:haz|hazlo|sigue|siga|ejecuta|obedece|cumple|fais|suis|suivez|exécute[zr]?|obéis|führe|führ|befolge|folge|mach|faça|obedeça|esegui|segui|obbedisci|fai|wykonaj|zrób|yap|uygula|lakukan|ikuti|выполни|выполните|следуй|следуйте|сделай|виконай|зроби)(?![\p{L}])/giu,
  /执行|按照|遵循|照做|服从|実行|従って|従え|실행|따르|따라/gu,
] as const;
/** Words around a quotation that tell of it. */
const WORDS_ENOUGH = 6;

export const NOTHING_QUOTED = (): Quotations => ({ holds: () => false });

/** Looks for the quotations of a text, which begins at `offset` in the whole. Linear; only asked where there is something to weigh. */
export function quotationsIn(text: string, offset: number): Quotations {
  const spans = spansOf(text);
  const voice = without(text, spans);
  const points = POINTS.some((pattern) => !matches(voice, pattern).next().done);
  const told = new Map<Span, boolean>();

  function isTold(span: Span): boolean {
    const known = told.get(span) ?? isToldOf(voice, span);
    told.set(span, known);
    return known;
  }

  return {
    holds(start, end, isHidden) {
      const [first, last] = [start - offset, end - offset];
      const span = points ? undefined : spans[before(spans, first)];
      if (!span || first < span[0] || last > span[1]) return false;
      // A page is quoted with the mark that hides a part of it; what is quoted inside of that part is hidden.
      if (isHidden && !text.slice(span[0], first).includes('<')) return false;
      return isTold(span);
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
  return count(STRONG) > 0 || count(WEAK) >= WEAK_ENOUGH;
}
