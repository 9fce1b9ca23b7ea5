import { isAbout, type Leaves } from './leaves.ts';

const AMOUNT_WORDS = new Set(
  'amount amounts total subtotal price prices cost costs sum fee fees payment balance budget salary cents payout payouts refund refunds charge charges deposit withdrawal donation bid tip usd eur gbp chf jpy btc eth'.split(
    ' ',
  ),
);
/** Names of the number itself in `{ amount: { value: 5, currency: "EUR" } }`. */
const VALUE_WORDS = new Set('value values number figure net gross units minor major'.split(' '));
/** The largest that Cedar has: no limit lets it through. */
const MAX = 922_337_203_685_477;
const NUMBER = /[-+]?\d[\d.,'\u2019_\s]*(?:e[-+]?\d+)?/giu;
/** Other digits, marks between digits, `0xFF`, `10^9`, `5k` and `5 million`: programs differ in what they make of these. */
const UNREAD =
  /(?!\d)\p{N}|\d(?![ -~])[^\u2019\s\p{Pd}\p{Sc}\p{L}]\d|\b0[xob]|\d\s*[*^×]|\d[\s_.]*(?:k|m{1,2}|mn|mio|mil|mrd|b|bn|t|tn|tsd|grand|hundred|thousand|(?:m|b|tr)illion(?:en)?|milliarden?|tausend|lakh|crore|dozen)s?(?![\p{L}\d])/iu;

/**
 * The largest amount in the arguments, without its sign and with four digits after the point, rounded up; undefined where
 * none is named. What is called an amount and is no number is the largest of all.
 */
export function amountIn({ all, isWhole }: Leaves): string | undefined {
  let most = isWhole ? -1 : MAX;
  for (const { value, words, above, isName } of all) {
    if (isName || !isAbout(above, AMOUNT_WORDS)) continue;
    if (typeof value === 'number') most = Math.max(most, Math.abs(value));
    else if (/\p{N}/u.test(value)) most = Math.max(most, ...readText(value));
    // What else stands below such a name, a currency for one, is none.
    else if ((isAbout(words, AMOUNT_WORDS) || isAbout(words, VALUE_WORDS)) && value.trim() !== '')
      most = MAX;
  }
  if (most < 0) return undefined;
  const bounded = most <= MAX ? most : MAX;
  const rounded = bounded.toFixed(4);
  // Rounded down it could be just below a limit that it is above.
  return Number(rounded) >= bounded ? rounded : (bounded + 0.0001).toFixed(4);
}

/** A single point parts groups only before three digits; programs drop any comma. */
const GROUPED = /,|\..*\.|^[-+]?\d{1,3}\.\d{3}(?!\d)/u;

/** `1.234`, `1.234,50` and `1,234.50` are read both ways, `12.50` is not. */
function readText(text: string): number[] {
  if (text.length > 1000 || UNREAD.test(text)) return [MAX];
  const found = [...text.matchAll(NUMBER)].flatMap(([match]) => {
    const digits = match.replaceAll(/['\u2019_\s]/gu, '');
    const decimal = digits.replaceAll(',', '.');
    const readings = GROUPED.test(digits)
      ? [digits.replaceAll(',', ''), digits.replaceAll('.', '').replaceAll(',', '.'), decimal]
      : [decimal];
    return readings.map((each) => Math.abs(Number.parseFloat(each)));
  });
  const numbers = found.filter((each) => !Number.isNaN(each));
  return numbers.length === 0 ? [MAX] : numbers;
}
