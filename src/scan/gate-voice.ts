import { normalForm } from '../lib/normal-form.ts';
import { LOOK_ALIKES } from './look-alikes.ts';

const VOICE = /<[\s/\\]*sallyport-data|\[\s*sallyport\s*\]/iu;

/** Whether a text, as a lenient reader sees it, has the gate's delimiter or its notice. */
export function speaksAsGate(text: string): boolean {
  return VOICE.test(seen(text));
}

function seen(text: string): string {
  if (!/\P{ASCII}/u.test(text)) return text;
  return normalForm(text, 'NFKC')
    .replaceAll(/[\p{Cf}\p{M}]/gu, '')
    .replaceAll(/[\u0080-\u{10ffff}]/gu, (letter) => LOOK_ALIKES.get(letter) ?? letter);
}
