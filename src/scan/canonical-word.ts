import { normalForm } from '../lib/normal-form.ts';

/** Marks that fold away: Latin diacritics, Hebrew points, Arabic vowels and tatweel. */
const FOLDED =
  // oxlint-disable-next-line no-misleading-character-class -- single marks are meant
  /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u1dc0-\u1dff\u20d0-\u20ff]/g;

/** One spelling for a word: no case, no diacritics, no article or conjunction written onto it. */
export function canonicalWord(word: string): string {
  const lower = word.toLowerCase();
  if (!/[\u0080-\uffff]/.test(lower)) return elide(lower);
  return elide(normalForm(lower.replaceAll('’', "'"), 'NFD').replace(FOLDED, '').normalize('NFC'))
    .replace('ı', 'i')
    .replaceAll('ي', 'ی')
    .replaceAll('ى', 'ی')
    .replaceAll('ك', 'ک')
    .replaceAll('ة', 'ه')
    .replace(/^[وفبلک]?ال(?=..)/, '')
    .replace(/^(?:[ובלמש]?ה){1,2}(?=..)/, '');
}

function elide(word: string): string {
  return word.includes("'")
    ? word.replace(/^(?:l|d|qu|n|s|c|j|m|t|un|all|dell|nell)'(?=..)/, '')
    : word;
}
