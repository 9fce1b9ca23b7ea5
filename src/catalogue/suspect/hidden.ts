import { pointerOf, type Piece } from '../../scan/strings.ts';
import type { Suspicion } from './suspicion.ts';

/** England, Scotland and Wales are flags of tag characters; nothing else in a definition has a use for any. */
const FLAG = /\u{1F3F4}[\u{E0020}-\u{E007E}]{1,6}\u{E007F}/gu;
const TAGS = /[\u{E0000}-\u{E007F}]/u;
const TURNING = /[\u202a-\u202e\u2066-\u2069]/u;
/** One behind an emoji or a Han character is ordinary, a row of them carries bytes. */
const SELECTORS =
  /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2}|(?<![\p{Script=Han}])[\u{e0100}-\u{e01ef}]/u;
const UNSEEN =
  // oxlint-disable-next-line no-misleading-character-class -- single code points are meant
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2065\u3164\ufeff\uffa0\ufff9-\ufffb]|(?<=\p{Script=Latin})[\u200c-\u200f\u061c](?=\p{Script=Latin})/gu;
const IN_WORD =
  // oxlint-disable-next-line no-misleading-character-class -- single code points are meant
  /(?<=\p{Script=Latin})[\u00ad\u034f\u180e\u200b-\u200f\u2060-\u2064\ufeff](?=\p{Script=Latin})/gu;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u;
const ASCII = /^[\t\n\r -~]*$/;
/** Invisible characters that copying a web page leaves; more are meant. */
const STRAY = 2;

const ROWS = [
  ['hidden-text', 'tag characters, which spell text that nobody sees', TAGS],
  ['hidden-text', 'characters that turn the direction of the text', TURNING],
  ['hidden-text', 'variation selectors in a row, which can carry text', SELECTORS],
  ['control', 'control characters', CONTROLS],
] as const;

/** Text that a person who reviews the definition would not see, or would see otherwise than the model. */
export function hiddenText(pieces: readonly Piece[]): Suspicion[] {
  return pieces
    .filter(({ text }) => !ASCII.test(text))
    .flatMap((piece) => {
      const pointer = pointerOf(piece.place);
      const text = piece.text.replaceAll(FLAG, '');
      const found = ROWS.flatMap(([check, detail, pattern]): Suspicion[] =>
        pattern.test(text) ? [{ check, pointer, detail, grave: true }] : [],
      );
      const unseen = text.match(UNSEEN)?.length ?? 0;
      const inWords = text.match(IN_WORD)?.length ?? 0;
      if (unseen === 0 && inWords === 0) return found;
      // A name is compared by programs: there no stray one is innocent.
      const grave = piece.key || unseen > STRAY || inWords > STRAY;
      return [
        ...found,
        { check: 'hidden-text', pointer, detail: 'characters that nobody sees', grave },
      ];
    });
}
