import type { Find } from './span.ts';

/** What is not drawn: it may stand inside of a number or an address without anybody seeing it. */
const UNDRAWN = /^[\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\p{Variation_Selector}]$/u;
const DASH = /^[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]$/u;
/** All of these, spaces of any width, and what Unicode calls another spelling of an ASCII character. */
const DISGUISE =
  // oxlint-disable-next-line no-misleading-character-class -- single characters are meant
  /[\p{Cf}\p{Variation_Selector}\u00a0\u00b2\u00b3\u00b9\u034f\u115f\u1160\u17b4\u17b5\u2000-\u2015\u202f\u205f\u2070-\u209f\u2212\u2460-\u24ff\u3000\u3164\ufe50-\ufe6f\uff00-\uff5f\uffa0\u{1d400}-\u{1d7ff}]/u;

/** The same search in the text as it looks: without what is not drawn, wide and styled characters as the plain ones. */
export function asItLooks(find: Find): Find {
  return function findAsItLooks(text) {
    if (!DISGUISE.test(text)) return find(text);
    let folded = '';
    /** Where each unit of the folded text begins and ends in the text. */
    const starts: number[] = [];
    const ends: number[] = [];
    let at = 0;
    for (const character of text) {
      const end = at + character.length;
      const plain = UNDRAWN.test(character) ? '' : plainOf(character);
      for (let unit = 0; unit < plain.length; unit++) {
        starts.push(at);
        ends.push(end);
      }
      folded += plain;
      at = end;
    }
    return find(folded).map(({ start, end, kind }) => ({
      start: starts[start] ?? 0,
      end: ends[end - 1] ?? text.length,
      kind,
    }));
  };
}

function plainOf(character: string): string {
  if (character <= '\u007f') return character;
  if (DASH.test(character)) return '-';
  const same = character.normalize('NFKC');
  return /^[\x20-\x7e]$/.test(same) ? same : character;
}
