import { normalForm } from '../../lib/normal-form.ts';
import { LOOK_ALIKES } from '../../scan/look-alikes.ts';

const ASCII = /^[\t\n\r -~]*$/;

/** Letters that are drawn like Latin ones as those, and nothing that is not drawn at all. */
export function latin(text: string): string {
  if (ASCII.test(text)) return text;
  let letters = '';
  for (const letter of normalForm(text, 'NFKC'))
    if (!/\p{Cf}|\p{Variation_Selector}/u.test(letter))
      letters += LOOK_ALIKES.get(letter) ?? letter;
  return letters;
}

/** Case, width, separators and look-alike letters removed: `Read-File`, `read_file` and one with a Cyrillic е are one. */
export function foldName(name: string): string {
  return latin(name)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** The same with signs of ASCII that are drawn alike: `read_fi1e`, `rnemory`. */
export function drawnLike(name: string): string {
  return foldName(name.replaceAll('I', 'l'))
    .replaceAll('1', 'l')
    .replaceAll('0', 'o')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}
