import { createWeave, nested, type View } from './view.ts';

/** Texts in another alphabet: letters moved along it, the alphabet backwards, words or the whole backwards. Found by their commonest words. */

/** Words that hardly any order does without, in the languages of the Latin script that most are written in. */
const COMMON = `the and you your this that these with from into all any are not have has will must should can for but before after
  when now new then them they what which only also first next please user users tool tools call send forward transfer email
  emails message file files read write open delete create ignore forget disregard previous prior above instruction instructions
  system prompt assistant task answer reply respond say tell print reveal secret password account data information about
  para por que los las del con una todo todas usted instrucciones anteriores sistema contrasena nao voce mensagem
  les des vous dans pour avec toutes sur est une instructions systeme
  und die der das den dem nicht sie alle mit von auf ist ein eine anweisungen bitte
  non per che con del della sono tutte istruzioni alle
  yang dan untuk dengan ini itu tidak semua instruksi sebelumnya ang mga lahat het een van voor niet nie jest wszystkie bir icin`;

/** How a word of a cipher is told: `sign` is -1 where the alphabet runs backwards. */
type Told = { readonly first: number; readonly kind: 'shift' | 'atbash' | 'reversed' };

const A = 97;
/** Letters with a mark as those they are made from. */
const PLAIN = Uint16Array.from({ length: 0x2_50 }, (_, code) =>
  code < 0xc0 ? code : String.fromCharCode(code).normalize('NFD').charCodeAt(0),
);
const LETTERS = 26;
const LEAST_LETTERS = 3;
const MOST_LETTERS = 14;

/** The steps from letter to letter are the same however far all of them were moved along the alphabet. */
const step = (hash: number, from: number, to: number): number =>
  (Math.imul(hash, 31) + ((to - from + LETTERS) % LETTERS) + 1) | 0;

function stepsOf(letters: readonly number[]): number {
  let hash = 0;
  for (let at = 1; at < letters.length; at++)
    hash = step(hash, letters[at - 1] ?? 0, letters[at] ?? 0);
  return hash;
}

const TOLD = new Map<number, Told[]>();
for (const word of new Set(COMMON.split(/\s+/))) {
  const letters = Array.from(word, (letter) => letter.charCodeAt(0) - A);
  if (letters.length < LEAST_LETTERS || letters.some((letter) => letter < 0 || letter >= LETTERS))
    continue;
  for (const [kind, own] of [
    ['shift', letters],
    ['atbash', letters.map((letter) => LETTERS - 1 - letter)],
    ['reversed', letters.toReversed()],
  ] as const) {
    const key = stepsOf(own);
    TOLD.set(key, [...(TOLD.get(key) ?? []), { first: own[0] ?? 0, kind }]);
  }
}

/** The ciphers: how far letters were moved along the alphabet (1–25), then the two others. */
const ATBASH = LETTERS;
const REVERSED = LETTERS + 1;
/** Letters beyond the second of the words that tell a cipher, within `NEAR`: short words are like others by chance, of 25 alphabets more than of one. */
const ENOUGH = { reversed: 5, moved: 7 } as const;
const NEAR = 1000;

type Trail = { readonly places: number[]; readonly letters: number[]; sum: number; head: number };

/** Each part of a text that is written in one of the ciphers, undone. Takes one pass over a text without any. */
export function deciphered(view: View): View[] {
  const spans = spansOf(view.text);
  return [...spans].flatMap(([cipher, places]) => {
    const name = cipher === REVERSED ? 'reversed' : cipher === 13 ? 'rot13' : cipher === ATBASH ? 'atbash' : 'caesar';
    // Twice is the text itself, or what another of them makes of it at once.
    if (view.name.includes(name)) return [];
    const weave = createWeave(view);
    for (const [at, [start, end]] of places.entries()) {
      if (at > 0) weave.put('\n\n', start, start);
      weave.copy(start, end);
    }
    const near = weave.finish(nested(view, name));
    if (cipher === REVERSED) return [backwards(near), wordsBackwards(near)];
    return [{ ...near, text: shifted(near.text, cipher) }];
  }); // prettier-ignore
}

function spansOf(text: string): Map<number, [start: number, end: number][]> {
  const trails = new Map<number, Trail>();
  const spans = new Map<number, [number, number][]>();
  const tell = (cipher: number, start: number, length: number): void => {
    const trail = trails.get(cipher) ?? { places: [], letters: [], sum: 0, head: 0 };
    trails.set(cipher, trail);
    trail.places.push(start);
    trail.letters.push(length - 2);
    trail.sum += length - 2;
    while (start - (trail.places[trail.head] ?? start) > NEAR)
      trail.sum -= trail.letters[trail.head++] ?? 0;
    const enough = cipher === REVERSED ? ENOUGH.reversed : ENOUGH.moved;
    if (trail.sum < enough || trail.places.length - trail.head < 2) return;
    const [from, to] = [(trail.places[trail.head] ?? start) - NEAR, start + length + NEAR];
    const all = spans.get(cipher) ?? [];
    spans.set(cipher, all);
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.min(text.length, to);
    else all.push([Math.max(0, from), Math.min(text.length, to)]);
  };
  eachWord(text, (start, length, key, first) => {
    for (const told of TOLD.get(key) ?? []) {
      const by = (first - told.first + LETTERS) % LETTERS;
      if (told.kind === 'shift') {
        if (by > 0) tell(by, start, length);
      } else if (by === 0) tell(told.kind === 'atbash' ? ATBASH : REVERSED, start, length);
    }
  });
  return spans;
}

/** Calls `visit` for each Latin word that is long enough to tell something, with the hash of its steps. */
function eachWord(
  text: string,
  visit: (start: number, length: number, key: number, first: number) => void,
): void {
  let start = 0;
  let length = 0;
  let key = 0;
  let first = 0;
  let before = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at);
    const letter = ((code < 0xc0 ? code : (PLAIN[code] ?? 0)) | 0x20) - A;
    if (letter >= 0 && letter < LETTERS) {
      if (length === 0) {
        start = at;
        first = letter;
        key = 0;
      } else key = step(key, before, letter);
      before = letter;
      length++;
      continue;
    }
    if (length >= LEAST_LETTERS && length <= MOST_LETTERS) visit(start, length, key, first);
    length = 0;
  }
}

/** Letters moved back by so many along the alphabet, or (`ATBASH`) mirrored in it. */
export function shifted(text: string, cipher: number): string {
  return text.replaceAll(/[A-Za-z]/g, (sign) => {
    const code = sign.charCodeAt(0);
    const base = code < A ? 65 : A;
    const letter = code - base;
    const read = cipher === ATBASH ? LETTERS - 1 - letter : (letter - cipher + LETTERS) % LETTERS;
    return String.fromCharCode(base + read);
  });
}

const turned = (text: string): string => text.split('').toReversed().join('');

function backwards(near: View): View {
  const { length } = near.text;
  return {
    ...near,
    text: turned(near.text),
    locate: (start, end) => near.locate(length - end, length - start),
  };
}

/** Each word by itself: the order is that of the text. */
function wordsBackwards(near: View): View {
  return { ...near, text: near.text.replaceAll(/\S+/g, turned) };
}
