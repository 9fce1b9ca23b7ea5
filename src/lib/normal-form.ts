/** More marks on one letter than any script writes (UAX #15 §13, stream-safe text). */
const EXCESS = /(\p{M}{30})\p{M}+/gu;

/**
 * The normal form of a text that a stranger wrote, without the marks past the thirtieth on a letter: ICU sorts a run of
 * marks by insertion, so that a megabyte of them would hold the process for an hour.
 */
export function normalForm(text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string {
  return (text.length > 30 ? text.replace(EXCESS, '$1') : text).normalize(form);
}
