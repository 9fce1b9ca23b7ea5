import { hasRun, unitsOf } from './runs.ts';
import { createWeave, matches, nested, rewrite, type View, type Weave } from './view.ts';

/** Readings of encoded parts: base64, hexadecimal, percent and quoted-printable, rot13, reversed. One layer each, one at a time. */
export function* decodings(view: View): Generator<View> {
  for (const decode of DECODERS) yield* decode(view);
}

const DECODERS: readonly ((view: View) => View[])[] = [
  base64,
  hexadecimal,
  percent,
  rot13,
  reversed,
];

/** Only from the start of a run: a run that is too short is so from each of its characters. */
export const BASE64 =
  /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}/g;
const BASE64_UNITS = unitsOf(/[A-Za-z0-9+/_-]/);
/** Most texts have no such run: then the expression, which stops at each of its characters, need not be tried. */
export const mayHoldBase64 = (text: string): boolean => hasRun(text, BASE64_UNITS, 20);
/** Bytes as 7-bit text with spaces: what a model would read as words. */
const READABLE = /[\t\n\r -~\u00a0-\uffef]{12,}/g;
// oxlint-disable-next-line no-control-regex -- control characters are what no text holds
const NOT_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]/;

function base64(view: View): View[] {
  if (!mayHoldBase64(view.text)) return [];
  const weave = createWeave(view);
  for (const match of matches(view.text, BASE64)) {
    // Identifiers and hexadecimal are not base64 of a sentence: that has both cases, or digits and a case.
    if (!/[A-Z]/.test(match[0]) || !/[a-z]/.test(match[0])) continue;
    // A prefix in the same alphabet (`path/…`, `id-…`) shifts the groups of four; one of the four offsets is right.
    for (let shift = 0; shift < 4; shift++)
      putReadable(weave, Buffer.from(match[0].slice(shift), 'base64'), match);
  }
  return finished(weave, nested(view, 'base64'));
}

export const HEXADECIMAL = /(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ ,:]?){12,}/g;
const HEXADECIMAL_UNITS = unitsOf(/[0-9a-fA-Fx\\ ,:]/);
export const mayHoldHexadecimal = (text: string): boolean => hasRun(text, HEXADECIMAL_UNITS, 24);

function hexadecimal(view: View): View[] {
  if (!mayHoldHexadecimal(view.text)) return [];
  const weave = createWeave(view);
  for (const match of matches(view.text, HEXADECIMAL))
    putReadable(weave, Buffer.from(match[0].replaceAll(/0x|\\x|[ ,:]/g, ''), 'hex'), match);
  return finished(weave, nested(view, 'hex'));
}

function putReadable(weave: Weave, bytes: Buffer, { index, 0: run }: RegExpExecArray): void {
  for (const text of readable(bytes)) weave.put(`${text}\n\n`, index, index + run.length);
}

function finished(weave: Weave, name: string): View[] {
  const view = weave.finish(name);
  return view.text === '' ? [] : [view];
}

/** Stretches of readable text in bytes, so that binary in front of a text does not hide it. */
function readable(bytes: Buffer): string[] {
  const utf8 = bytes.toString('utf8');
  const stretches = utf8.match(READABLE) ?? [];
  const wide =
    bytes.length > 24 && bytes[1] === 0 ? (bytes.toString('utf16le').match(READABLE) ?? []) : [];
  return [...stretches, ...wide].filter(
    (text) =>
      !NOT_TEXT.test(text) &&
      (/[a-z]{2}[ ,.][a-z]{2}/i.test(text) ||
        /[\u0100-\uffff]{6,}/.test(text) ||
        /^[A-Za-z0-9+/=%\n]{20,}$/.test(text)),
  );
}

const PERCENT = /(?:%[0-9a-fA-F]{2})+|(?:=[0-9A-F]{2})+/g;

function percent(view: View): View[] {
  return around(view, PERCENT_RUN, 1, nested(view, 'url')).flatMap((near) => {
    const read = rewrite(near, PERCENT, ([run]) => {
      const text = Buffer.from(run.replaceAll(/[%=]/g, ''), 'hex').toString('utf8');
      return NOT_TEXT.test(text) ? undefined : text;
    });
    return read === near ? [] : [rewrite(read, /\+/g, () => ' ')];
  });
}

const PERCENT_RUN = /(?:[%=][0-9a-fA-F]{2}[^%=]{0,24}){4,}/g;
const ROT13_WORDS =
  /\b(?:gur|naq|lbh|lbhe|guvf|gung|jvgu|sebz|nyy|vtaber|cerivbhf|vafgehpgvbaf?|flfgrz|cebzcg|hfre|frperg|cnffjbeq|fraq|erirny|qb|abg|gb|bs|zhfg|cyrnfr|gbby)\b/gi;
const REVERSED_WORDS =
  /\b(?:eht|dna|uoy|ruoy|siht|taht|htiw|morf|lla|erongi|suoiverp|snoitcurtsni|metsys|tpmorp|resu|terces|drowssap|dnes|laever|tsum|esaelp)\b/gi;

function rot13(view: View): View[] {
  // Twice is the text itself, and nothing that was hidden.
  if (view.name.includes('rot13')) return [];
  return around(view, ROT13_WORDS, 3, nested(view, 'rot13')).map((near) => ({
    ...near,
    text: near.text.replaceAll(/[A-Za-z]/g, (letter) => {
      const code = letter.charCodeAt(0);
      const first = code < 97 ? 65 : 97;
      return String.fromCharCode(((code - first + 13) % 26) + first);
    }),
  }));
}

function reversed(view: View): View[] {
  if (view.name.includes('reversed')) return [];
  return around(view, REVERSED_WORDS, 3, nested(view, 'reversed')).map((near) => ({
    ...near,
    text: near.text.split('').toReversed().join(''),
    locate: (start, end) => near.locate(near.text.length - end, near.text.length - start),
  }));
}

/** Signs this near to each other belong together, and so does the text this near to them. */
const NEAR = 1000;

/** The parts of a text where at least `least` signs of an encoding stand together; empty when there are none. */
function around(view: View, sign: RegExp, least: number, name: string): View[] {
  const weave = createWeave(view);
  let done = 0;
  const places: number[] = [];
  for (const { index, 0: found } of matches(view.text, sign)) {
    places.push(index);
    const first = places.at(-least);
    if (first === undefined || index - first > NEAR) continue;
    const start = Math.max(done, first - NEAR);
    if (start > done && done > 0) weave.put('\n\n', start, start);
    const end = Math.min(view.text.length, index + found.length + NEAR);
    weave.copy(start, end);
    done = end;
  }
  return finished(weave, name);
}
