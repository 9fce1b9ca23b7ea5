import { around } from './around.ts';
import { createWeave, matches, nested, rewrite, type Span, type View } from './view.ts';

/** Other ways to read the same text: without markup, what is hidden in it, letters put together. One at a time, as far as they are asked for. */
export function* surfaces(view: View): Generator<View> {
  for (const surface of SURFACES) yield* surface(view);
}

const INLINE =
  /<\/?(?:a|abbr|b|big|code|em|font|i|ins|kbd|mark|s|small|span|strong|sub|sup|tt|u|wbr)(?:\s[^<>]{0,400})?\/?>|(?<=[A-Za-z])(?:<!--[^<>]{0,40}-->|\/\*[^*]{0,40}\*\/)(?=[A-Za-z])/gi;
const TAG = /<[!/?]?[A-Za-z-][^<>]{0,600}>/g;
const MARKDOWN = /(?<=\S)(?:\*\*|__|~~|`)|(?:\*\*|__|~~|`)(?=\S)|^[>#*+-]+ |\\(?=[^\w\s])/gm;

function withoutMarkup(view: View): View[] {
  let read = view;
  if (/[<*]/.test(view.text)) {
    read = rewrite(read, INLINE, () => '', 'plain');
    read = rewrite(read, TAG, () => ' ', 'plain');
  }
  if (/[*_~`#>]/.test(read.text)) read = rewrite(read, MARKDOWN, () => '', 'plain');
  return read === view ? [] : [{ ...read, name: nested(view, 'plain') }];
}

const COMMENT_LIMIT = 20_000;
const HIDDEN_STYLE =
  /<([A-Za-z][A-Za-z0-9]{0,15})\b[^<>]{0,300}(?:display ?: ?none|visibility ?: ?hidden|font-size ?: ?0|opacity ?: ?0(?:\.0\d?)?[;"' ]|color ?: ?(?:white|#fff\b|#ffffff|transparent|rgba\([^)]{0,20}, ?0\))|(?:left|top|text-indent) ?: ?-\d{3,}|(?:height|width) ?: ?0|\shidden\b)[^<>]{0,300}>/gi;
const HIDDEN_PLACE =
  /\b(?:alt|title|aria-label|aria-description|data-[a-z-]{1,20}|content|placeholder|summary)=(?:"([^"<>]{12,4000})"|'([^'<>]{12,4000})')|^\[[^\]\n]{0,40}\]: ?[#<>]{1,3} ?[("']([^\n]{12,4000})[)"']/gim;

/** What a person looking at the page does not see: comments, hidden elements, attributes, markdown reference comments. */
function hidden(view: View): View[] {
  const { text } = view;
  const spans: Span[] = [];
  if (text.includes('<')) {
    for (let at = text.indexOf('<!--'); at !== -1;) {
      const end = text.indexOf('-->', at + 4);
      const stop = end === -1 ? Math.min(text.length, at + COMMENT_LIMIT) : end;
      spans.push([at + 4, stop]);
      at = end === -1 ? -1 : text.indexOf('<!--', end);
    }
    let until = 0;
    for (const match of matches(text, HIDDEN_STYLE)) {
      const start = match.index + match[0].length;
      if (start < until) continue;
      const end = text.indexOf(`</${match[1]}`, start);
      until = end === -1 ? Math.min(text.length, start + COMMENT_LIMIT) : end;
      spans.push([start, until]);
    }
  }
  for (const match of matches(text, HIDDEN_PLACE)) {
    const value = match[1] ?? match[2] ?? match[3] ?? '';
    const start = match.index + match[0].indexOf(value);
    spans.push([start, start + value.length]);
  }
  if (spans.length === 0) return [];
  const weave = createWeave(view);
  for (const [start, end] of spans) {
    weave.copy(start, end);
    weave.put('\n\n', end, end);
  }
  const found = weave.finish(nested(view, 'hidden'));
  return [
    rewrite(
      rewrite(found, INLINE, () => ''),
      TAG,
      () => ' ',
    ),
  ];
}

/** Signs apart, always by the same. */
const SPACED =
  /(?<![\p{L}\p{N}@$])[^\s\p{M}]([ .\-_*·|,\n])(?:[^\s\p{M}]\1){2,}[^\s\p{M}](?![\p{L}\p{N}])/gu;
/** The same of two letters: words between longer ones that are apart. */
const SPACED_SHORT = /(?<![\p{L}\p{N}@$])\p{L}([ .\-_*·|,\n])(?:\p{L}\1)?\p{L}(?![\p{L}\p{N}])/gu;
/** One long run, or several short ones: `U S A` alone is nothing. */
const RUN = 9;
/** A word with a digit or a sign in it; words are not entered halfway. */
const WITH_SIGN = /(?<![A-Za-z0-9@$!|+€])[A-Za-z]*[0-9@$!|+€][A-Za-z0-9@$!|+€]*/g;
/** So many different words with digits inside, and digits are letters. */
const MANY_LEET = 4;
/** A digit among letters: not `utf8`, `v2`, `!done`, `a+b`. */
export const LEET_INSIDE =
  /[A-Za-z][013457@$]{1,3}[A-Za-z]|^[013457]{1,3}[A-Za-z]{2}|^[013457][A-Za-z][013457]/;
/** What a word needs to be one of these; most texts have none, and their words are not looked at one by one. */
export const LEET_SIGN = /[013457@$](?<=[A-Za-z].)|[013457](?=[A-Za-z])/;
const HEX_WORD = /^[0-9a-f]{4,}$/i;
/** A byte, or longer than a word is: of a key or a certificate. */
const NO_WORD = /^(?:\d[a-f]|[a-f]\d)$|^.{25}/i;
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '|': 'l',
  '+': 't',
  '€': 'e',
};

const SNAKE = /(?<![A-Za-z_-])[A-Za-z]{1,30}(?:[_-][A-Za-z0-9]{1,30}){3,400}/g;
const CAMEL = /(?<![A-Za-z0-9])[A-Za-z][a-z]{1,30}(?:[A-Z0-9][a-z]{0,30}){4,400}/g;
const HUMP = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g;

/** Names of many words, read as words: `ignore_all_previous_instructions`, `IgnoreAllPrevious`. */
function names(view: View): View[] {
  const weave = createWeave(view);
  if (/[_-]/.test(view.text))
    for (const { index, 0: name } of matches(view.text, SNAKE))
      weave.put(`${name.replaceAll(/[_-]/g, ' ')}\n\n`, index, index + name.length);
  for (const { index, 0: name } of matches(view.text, CAMEL))
    weave.put(`${name.replaceAll(HUMP, ' ')}\n\n`, index, index + name.length);
  const found = weave.finish(nested(view, 'name'));
  return found.text === '' ? [] : [found];
}

/** Letters standing apart are put together, digits that stand for letters are read as letters: there, and near there. */
function respelled(view: View): View[] {
  const name = nested(view, 'respelled');
  const runs = [...matches(view.text, SPACED)].filter(([run]) => isSpelled(run));
  const apart = runs.length > 2 || runs.some(([run]) => run.length >= RUN);
  const together = apart ? around(view, runs, 1, name).map((near) => closeUp(near, name)) : [];
  const whole = apart ? closeUp(view, name) : view;
  const words = LEET_SIGN.test(whole.text) ? [...leetWords(whole.text)] : [];
  if (new Set(words.map(([word]) => word)).size < MANY_LEET) return together;
  // A one is an i or an l: `1gn0r3`, `a11`, `1ist`.
  const near = around(whole, words, 1, name);
  return [
    ...together,
    ...near.map((part) => withoutDigits(part, 'i', name)),
    ...near
      .filter(({ text }) => /[A-Za-z]1|1[A-Za-z]/.test(text))
      .map((part) => withoutDigits(part, 'l', name)),
  ];
}

function closeUp(view: View, name: string): View {
  return rewrite(rewrite(view, SPACED, closed, name), SPACED_SHORT, closed, name);
}

/** Words with digits inside that may be letters. */
function* leetWords(text: string): Generator<RegExpExecArray> {
  for (const match of matches(text, WITH_SIGN)) {
    const [word] = match;
    if (
      LEET_INSIDE.test(word) &&
      /[A-Za-z]/.test(word) &&
      !HEX_WORD.test(word) &&
      !NO_WORD.test(word)
    )
      yield match;
  }
}

/** Where so many words have digits inside, every digit is a letter, but for years and amounts. */
function withoutDigits(view: View, one: 'i' | 'l', name: string): View {
  return rewrite(
    view,
    WITH_SIGN,
    ({ 0: word, index }) => {
      if (NO_WORD.test(word)) return undefined;
      if (/^\d+$/.test(word) && !/^[013457]{1,3}$/.test(word)) return undefined;
      const end = index + word.length;
      const isAddress = /^\.[A-Za-z0-9]/.test(view.text.slice(end, end + 2));
      return word
        .replaceAll(/1(?=11)/g, one)
        .replaceAll('11', 'll')
        .replaceAll(/[0-9@$!|+€]/g, (sign) => {
          if (sign === '@' && isAddress) return sign;
          return /[1!]/.test(sign) ? one : (LEET[sign] ?? sign);
        });
    },
    name,
  );
}

function closed([run, between = '']: RegExpExecArray): string {
  return run.replaceAll(between, '');
}

/** Mostly letters: not `1.2.3`, not the bars of a table. */
function isSpelled(run: string): boolean {
  return (run.match(/\p{L}/gu)?.length ?? 0) * 4 > run.length;
}

const SURFACES = [withoutMarkup, hidden, names, respelled] as const;
