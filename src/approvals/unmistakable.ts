import { normalForm } from '../lib/normal-form.ts';
import { visible } from '../lib/visible.ts';
import { LOOK_ALIKES } from '../scan/look-alikes.ts';

const WORD = /[\p{L}\p{M}\p{N}\p{So}_-]+/gu;
const LETTER = /[\p{L}\p{So}]/u;
/** Full width and mathematical spellings of ASCII, and marks that pass for a slash, a colon or a dot. */
const DISGUISED = /[\uff01-\uff5e\u{1d400}-\u{1d7ff}⁄∕⧸∶։․﹒ꓸ]/gu;

/**
 * A text as a person may be asked about it: `visible`, and letters that pass for Latin ones spelt as `\u0430` in a word
 * that has Latin letters too, or nothing else: `pаypal` and `сор.com` are not what they seem. A word of nothing else
 * among others of its script (`он` in a Russian sentence) stays, unless it is part of an address.
 */
export function unmistakable(text: string): string {
  const seen = visible(text).replace(DISGUISED, escaped);
  const isForeign = (seen.match(WORD) ?? []).some((word) => kindOf(word) === 'foreign');
  return seen.replace(WORD, (word, at: number) => {
    const kind = kindOf(word);
    if (kind === 'plain' || kind === 'foreign') return word;
    if (kind === 'other' && isForeign && !isInAddress(seen, at, at + word.length)) return word;
    return word.replace(/[^ -~]/gu, (each) => (passesForLatin(each) ? escaped(each) : each));
  });
}

/** `mixed` with Latin letters; `other`: all its letters pass for Latin ones; `foreign`: none would take it for Latin. */
function kindOf(word: string): 'plain' | 'mixed' | 'other' | 'foreign' {
  if (/^[ -~]*$/u.test(word)) return 'plain';
  const letters = Array.from(word).filter((character) => LETTER.test(character));
  if (letters.some((letter) => /[A-Za-z]/u.test(letter))) return 'mixed';
  return letters.every(passesForLatin) ? 'other' : 'foreign';
}

function isInAddress(text: string, start: number, end: number): boolean {
  return (
    /[./@:\\=]/u.test(text.slice(Math.max(0, start - 1), start)) ||
    /^[./@:\\=][\p{L}\p{N}]/u.test(text.slice(end, end + 3))
  );
}

function passesForLatin(character: string): boolean {
  return LOOK_ALIKES.has(character) || /^[A-Za-z]$/u.test(normalForm(character, 'NFKC'));
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
