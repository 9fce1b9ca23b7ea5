import { normalForm } from '../lib/normal-form.ts';
import { LOOK_ALIKES } from './look-alikes.ts';
import { rewrite, type View } from './view.ts';

/** What the normaliser took away. Being invisible is evidence. */
export type Normal = {
  readonly view: View;
  /** Characters that spelled text without being seen: tags, variation selectors. */
  readonly smuggled: number;
  /** Invisible characters between two Latin letters. */
  readonly invisible: number;
  /** Words that mix scripts. */
  readonly mixed: number;
};

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  tab: '\t',
  newline: '\n',
  colon: ':',
  comma: ',',
  period: '.',
  excl: '!',
  lpar: '(',
  rpar: ')',
  lowbar: '_',
  sol: '/',
  commat: '@',
  num: '#',
  shy: '',
  zwnj: '',
  zwj: '',
};

const ESCAPES =
  /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([ntrbfv"'/\\]))/g;
const ENTITIES = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,7}));?/gi;
const SMUGGLED = /(?:[\u{E0000}-\u{E007F}]|[\u{E0100}-\u{E01EF}\uFE00-\uFE0F]{4,})+/gu;
const EMPTY =
  // oxlint-disable-next-line no-misleading-character-class, no-control-regex -- single code points are meant
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}]+/gu;
/** As invisible, but made to carry text. */
const CARRIER = /[\ufe00-\ufe0f\u{e0000}-\u{e0fff}]+/gu;
const NON_ASCII = /[\u0080-\uffff]/;
const CLUSTER = /[\u{80}-\u{10ffff}]\p{M}*/gu;
/** Letters in boxes, flags and Braille, which NFKC leaves. */
const BOXED = /^[\u{1f150}-\u{1f189}\u{1f1e6}-\u{1f1ff}\u2800-\u283f]$/u;
const ANY_BOXED = /[\u{1f150}-\u{1f189}\u{1f1e6}-\u{1f1ff}\u2800-\u283f]/u;
/** Marks that are left on a Latin letter when it has taken those that belong to it. */
// oxlint-disable-next-line no-misleading-character-class -- single marks are meant
const HEAPED =
  /(?<=[A-Za-z\u00c0-\u024f\u1e00-\u1eff])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+/g;
const WORD = /[\p{L}\p{M}]+/gu;
const LATIN = /[A-Za-z]/;

/**
 * Undoes what a reader would not see: escapes, entities, tag characters, compatibility forms, invisible characters,
 * look-alike letters. Two rounds, so that an escape is read that was escaped or written in invisible characters. Linear.
 */
export function normalise(input: View): Normal {
  let view = unescape(unescape(input));
  if (!NON_ASCII.test(view.text)) return { view, smuggled: 0, invisible: 0, mixed: 0 };
  let smuggled = 0;
  let invisible = 0;
  const strip = (pattern: RegExp): void => {
    const before = view.text;
    view = rewrite(view, pattern, (match) => {
      const after = before[match.index + match[0].length] ?? '';
      if (LATIN.test(before[match.index - 1] ?? '') && LATIN.test(after)) invisible++;
      return '';
    });
  };
  for (let round = 0; round < 2; round++) {
    const before = view;
    strip(EMPTY);
    view = rewrite(view, SMUGGLED, ([run]) => {
      const text = smuggledText(run);
      smuggled += text.length;
      return text === '' ? undefined : ` ${text} `;
    });
    if (view === before) break;
    view = unescape(view);
  }
  strip(CARRIER);
  // Most texts are in the form already; to look at each letter of them costs ten times as much as to ask.
  if (ANY_BOXED.test(view.text) || normalForm(view.text, 'NFKC') !== view.text)
    view = rewrite(view, CLUSTER, ([cluster]) =>
      BOXED.test(cluster) ? LOOK_ALIKES.get(cluster) : normalForm(cluster, 'NFKC'),
    );
  view = rewrite(view, HEAPED, () => '');
  const folded = foldLookAlikes(view);
  return { view: folded.view, smuggled, invisible, mixed: folded.mixed };
}

function unescape(input: View): View {
  let view = input;
  if (view.text.includes('\\'))
    view = rewrite(view, ESCAPES, ([, braced, unit, byte, letter]) => {
      const hex = braced ?? unit ?? byte;
      if (hex !== undefined) return codePoint(Number.parseInt(hex, 16));
      if (letter === undefined) return undefined;
      return '"\'/\\'.includes(letter) ? letter : '\n';
    });
  if (view.text.includes('&'))
    view = rewrite(view, ENTITIES, ([, hex, decimal, name]) => {
      if (name !== undefined) return NAMED[name.toLowerCase()];
      return codePoint(Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16));
    });
  return view;
}

function codePoint(value: number): string | undefined {
  return value >= 9 && value <= 0x10_ff_ff ? String.fromCodePoint(value) : undefined;
}

/** Tag characters mirror ASCII (U+E0000 + code); variation selectors can carry bytes (16 in the BMP, 240 above). */
function smuggledText(run: string): string {
  const bytes: number[] = [];
  let tags = '';
  for (const character of run) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xe_00_20 && code < 0xe_00_7f) tags += String.fromCharCode(code - 0xe_00_00);
    else if (code >= 0xe_01_00) bytes.push(code - 0xe_01_00 + 16);
    else if (code >= 0xfe_00 && code <= 0xfe_0f) bytes.push(code - 0xfe_00);
  }
  const carried = Buffer.from(bytes).toString('utf8');
  return tags + (/^[\t\n\r -~\u00a0-\u{10ffff}]+$/u.test(carried) ? carried : '');
}

/** Folds words that mix Latin with look-alikes; where such words stand, wholly look-alike words are folded too. */
function foldLookAlikes(view: View): { view: View; mixed: number } {
  let mixed = 0;
  let next = rewrite(view, WORD, ([word]) => {
    if (!LATIN.test(word) || !NON_ASCII.test(word)) return undefined;
    const folded = fold(word);
    if (folded !== word) mixed++;
    return folded;
  });
  if (mixed > 1)
    next = rewrite(next, WORD, ([word]) => {
      const folded = NON_ASCII.test(word) ? fold(word) : word;
      return /^[A-Za-z]+$/.test(folded) ? folded : undefined;
    });
  return { view: next, mixed };
}

function fold(word: string): string {
  let folded = '';
  for (const letter of word) folded += LOOK_ALIKES.get(letter) ?? letter;
  return folded;
}
