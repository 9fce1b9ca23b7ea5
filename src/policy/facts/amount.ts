import { isAbout, type Leaves } from './leaves.ts';

const AMOUNT_WORDS = new Set(
  'amount amounts total subtotal price prices cost costs sum fee fees payment balance budget salary cents'.split(
    ' ',
  ),
);
/** The largest that Cedar has: no limit lets it through. */
const MAX = 922_337_203_685_477;
const NUMBER = /[-+]?\d[\d.,'\u00a0\u202f ]*(?:e[-+]?\d+)?/giu;

/**
 * The largest amount in the arguments, without its sign and with four digits after the point, rounded up; undefined where
 * none is named. What is called an amount and is no number is the largest of all.
 */
export function amountIn({ all, isWhole }: Leaves): string | undefined {
  let most = isWhole ? -1 : MAX;
  for (const { value, words, above, isName } of all) {
    if (isName || !isAbout(above, AMOUNT_WORDS)) continue;
    if (typeof value === 'number') most = Math.max(most, Math.abs(value));
    else if (/\d/u.test(value)) most = Math.max(most, ...readText(value));
    // `{ amount: { value: 5, currency: "EUR" } }` has a text that is none.
    else if (isAbout(words, AMOUNT_WORDS) && value.trim() !== '') most = MAX;
  }
  if (most < 0) return undefined;
  const bounded = most <= MAX ? most : MAX;
  const rounded = bounded.toFixed(4);
  // Rounded down it could be just below a limit that it is above.
  return Number(rounded) >= bounded ? rounded : (bounded + 0.0001).toFixed(4);
}

/** `1.234,50` and `1,234.50` are read both ways. */
function readText(text: string): number[] {
  const found = [...text.slice(0, 1000).matchAll(NUMBER)].flatMap(([match]) => {
    const digits = match.replaceAll(/['\u00a0\u202f ]/gu, '');
    return [
      digits.replaceAll(',', ''),
      digits.replaceAll('.', '').replaceAll(',', '.'),
      digits.replaceAll(',', '.'),
    ].map((each) => Math.abs(Number.parseFloat(each)));
  });
  const numbers = found.filter((each) => !Number.isNaN(each));
  return text.length > 1000 || numbers.length === 0 ? [MAX] : numbers;
}
