import { asItLooks } from './fold.ts';
import type { Find, Span } from './span.ts';

/** Mail addresses, also as they stand in links and in HTML. The part before the sign is read backwards from it. */
function findMail(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(/(?:@|%40|&#(?:64|x40);)/gi)) {
    DOMAIN.lastIndex = match.index + match[0].length;
    if (!DOMAIN.test(text)) continue;
    const last = spans.at(-1)?.end ?? -1;
    // What the last one took is gone: a sign may be part of the next address, and be read again and again.
    const least = Math.max(0, last, match.index - 256);
    let start = match.index;
    while (start > least && /[\p{L}\p{N}_.+%'&~-]/u.test(text[start - 1] ?? '')) start--;
    if (start < match.index || start === last)
      spans.push({ start, end: DOMAIN.lastIndex, kind: 'email' });
  }
  return spans;
}

const DOMAIN =
  /[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.(?:xn--[a-z0-9-]{1,59}|\p{L}{2,63})/uy;

/** Digits of 13 to 19 places with a check digit (ISO/IEC 7812-1), in groups as they are written. */
function findCards(text: string): Span[] {
  const spans: Span[] = [];
  for (const run of text.matchAll(/(?<!\d)\d{2,}(?:[ -]\d{2,})*/g)) {
    const groups = [...run[0].matchAll(/\d+/g)];
    for (const [at, first] of groups.entries()) {
      if (!/^[2-6]/.test(first[0])) continue;
      let digits = '';
      for (const group of groups.slice(at, at + 9)) {
        digits += group[0];
        if (digits.length > 19) break;
        if (digits.length >= 13 && hasCheckDigit(digits))
          spans.push({
            start: run.index + first.index,
            end: run.index + group.index + group[0].length,
            kind: 'card',
          });
      }
    }
  }
  return spans;
}

function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const twice = digit * 2;
    sum += at % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  return sum % 10 === 0 && !/^(\d)\1*$/.test(digits);
}

/** Characters of an IBAN in each country (ISO 13616). */
const IBAN_LENGTHS =
  'AD24 AE23 AL28 AT20 BE16 BG22 BR29 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GE22 GR27 HR21 HU28 IE22 IL23 IS26 IT27 KW30 LI21 LT20 LU20 LV21 MC27 MT31 NL18 NO15 PL28 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TR26 UA29';
const IBAN_LENGTH: ReadonlyMap<string, number> = new Map(
  IBAN_LENGTHS.split(' ').map((each) => [each.slice(0, 2), Number(each.slice(2))]),
);

function findIbans(text: string): Span[] {
  const spans: Span[] = [];
  for (const { index } of text.matchAll(/(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])/g)) {
    const length = IBAN_LENGTH.get(text.slice(index, index + 2).toUpperCase()) ?? 0;
    let written = '';
    let end = index;
    while (written.length < length && /[A-Za-z0-9 -]/.test(text[end] ?? '')) {
      if (/[A-Za-z0-9]/.test(text[end] ?? '')) written += text[end];
      end++;
    }
    if (length > 0 && written.length === length && isIban(written.toUpperCase()))
      spans.push({ start: index, end, kind: 'iban' });
  }
  return spans;
}

function isIban(written: string): boolean {
  let rest = 0;
  for (const character of written.slice(4) + written.slice(0, 4))
    rest = Number(`${rest}${Number.parseInt(character, 36)}`) % 97;
  return rest === 1;
}

const FORMS: readonly (readonly [string, RegExp])[] = [
  ['ssn', /(?<![\d-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])/g],
  ['phone', /(?<![\w+])(?:\+|00)[1-9]\d{0,2}(?:[ ./()-]{0,2}\d){6,13}(?!\w)/g],
  ['phone', /(?<![\w-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])/g],
  ['phone', /(?<![\w-])0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,5}(?![\w-])/g],
];

function findForms(text: string): Span[] {
  return FORMS.flatMap(([kind, form]) =>
    Array.from(text.matchAll(form), ({ index, 0: found }) => ({
      start: index,
      end: index + found.length,
      kind,
    })),
  );
}

/** Mail addresses, payment cards, IBANs, US social security numbers and telephone numbers. */
export const findPii: Find = asItLooks((text) => [...findExact(text), ...findForms(text)]);

/** Those that check themselves: they are looked for across the borders of fields as well. */
export const findExactPii: Find = asItLooks(findExact);

function findExact(text: string): Span[] {
  return [...findMail(text), ...findCards(text), ...findIbans(text)];
}
