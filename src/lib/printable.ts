/**
 * Makes control and format characters visible: an escape sequence or a direction mark in somebody else's file could
 * make a person see another text than the one that is there. Line feeds and tabs stay.
 */
export function escapeNonPrinting(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
