import type { Channel } from '../../channel.ts';
import { SPACELESS } from './attack.ts';
import type { Language } from './language.ts';
import type { Random } from './random.ts';
import type { Page, Register } from './registers/register.ts';
import { createVoice, upperFirst, type Voice } from './voice.ts';

/** A document that carries a span, and the span as it stands there. */
export type Carried = {
  readonly text: string;
  readonly channel: Channel;
  readonly start: number;
  readonly end: number;
};

/** Writes a document of a register around a span; `found` are texts of other authors to write around it as well. */
export function carry(
  register: Register,
  language: Language,
  span: string,
  random: Random,
  found: readonly string[],
): Carried {
  const voice = createVoice(language, random);
  const inRegister: Voice = { ...voice, sentence: () => ordinary(register, language, voice) };
  const page =
    found.length > 0 &&
    language.code === 'en' &&
    TAKES_FOUND.has(register.name) &&
    random.chance(0.6)
      ? foundPage(random.pick(found), span, random)
      : ownPage(inRegister, span, SPACELESS.has(language.code) ? '' : ' ');
  const marked = random.pick(register.layouts)(page, inRegister);
  const start = marked.indexOf(OPEN);
  const end = marked.indexOf(CLOSE) - 1;
  if (start < 0 || end < start)
    throw new TypeError(`Cannot carry: a layout of ${register.name} leaves the span out`);
  const text = marked.replace(OPEN, '').replace(CLOSE, '');
  return { text, channel: random.pick(register.channels), start, end };
}

function ordinary(register: Register, language: Language, voice: Voice): string {
  if (register.filler.length === 0 || voice.random.chance(0.45)) return voice.sentence();
  return upperFirst(
    voice.say(voice.random.pick(language.benign[voice.random.pick(register.filler)])),
  );
}

function ownPage(voice: Voice, span: string, gap: string): Page {
  const { random } = voice;
  const longest = random.pick(LENGTHS);
  const count = longest === 0 ? 0 : 1 + random.below(longest);
  const place = random.below(count + 1);
  return {
    before: paragraphs(voice, place, gap),
    span: OPEN + span + CLOSE,
    after: paragraphs(voice, count - place, gap),
  };
}

function paragraphs(voice: Voice, sentences: number, gap: string): string[] {
  const written: string[] = [];
  for (let left = sentences; left > 0;) {
    const size = Math.min(left, 1 + voice.random.below(4));
    written.push(Array.from({ length: size }, () => voice.sentence()).join(gap));
    left -= size;
  }
  return written;
}

function foundPage(text: string, span: string, random: Random): Page {
  const length = 150 + random.below(2200);
  const from = random.below(Math.max(1, text.length - length));
  const piece = text.slice(from, from + length).replaceAll(MARKS, '');
  const wanted = random.below(piece.length + 1);
  const line = piece.indexOf('\n', wanted);
  const place = line < 0 ? piece.length : line;
  return {
    before: [piece.slice(0, place)].filter((part) => part.trim() !== ''),
    span: OPEN + span + CLOSE,
    after: [piece.slice(place).trim()].filter((part) => part !== ''),
  };
}

/** Private characters that no text here has; they go through every format unescaped. */
const OPEN = '\uE000';
const CLOSE = '\uE001';
const MARKS = /[\uE000\uE001]/g;
const LENGTHS = [0, 0, 0, 2, 3, 5, 5, 9, 14, 40];
const TAKES_FOUND: ReadonlySet<string> = new Set([
  'readme',
  'web',
  'message',
  'ticket',
  'email',
  'docstring',
]);
