import { SECRET_NAME } from '../audit/secret-patterns.ts';

/** What `@redact` can name. */
export const KINDS = ['pii', 'secrets'] as const;
export type Kind = (typeof KINDS)[number];

/** Names of fields whose value is about a person, whatever it looks like. */
const PII_WORDS =
  'e[-_ ]?mail(?:[-_ ]?address)?|(?:tele)?phone(?:[-_ ]?(?:number|no))?|mobile(?:[-_ ]?(?:phone|number))?|fax|ssn|social[-_ ]?security(?:[-_ ]?(?:number|no))?|national[-_ ]?id|tax[-_ ]?id|passport(?:[-_ ]?(?:number|no))?|driving[-_ ]?licen[cs]e|iban|account[-_ ]?number|(?:credit[-_ ]?|debit[-_ ]?)?card[-_ ]?(?:number|no)|credit[-_ ]?card|cvv|cvc|date[-_ ]?of[-_ ]?birth|birth[-_ ]?(?:date|day)|dob|(?:first|given|last|family|full|maiden)[-_ ]?name|surname|(?:street|postal|home|mailing|billing|shipping)[-_ ]?address|street';
/** Where a list goes on, which is nobody's secret. */
const PLACE = '(?:page|next|continuation|sync|progress)[-_]?';
const SECRET_WORDS = `passw(?:or)?d|passphrase|secret|credential|private[-_ ]?key|api[-_ ]?key|access[-_ ]?key|(?<!${PLACE})token|pwd`;

/** What the value of a field of this name is. */
export const NAMES: Readonly<Record<Kind, RegExp>> = {
  pii: new RegExp(`^(?:[a-z0-9]+[-_ ])*(?:${PII_WORDS})s?$`, 'i'),
  secrets: new RegExp(`^(?!.*${PLACE}token$)(?:${SECRET_NAME.source})`, 'i'),
};

/**
 * The same in a text: `"ssn": "…"`, `ssn=…`, `DOB: …`. A quoted value ends where its quotes do, another one at a space or
 * a comma. Groups: all in front of the value; the value.
 */
export const LABELLED: Readonly<Record<Kind, RegExp>> = {
  pii: labelled(`(?<![a-z])(?:${PII_WORDS})`),
  secrets: labelled(SECRET_WORDS),
};

function labelled(words: string): RegExp {
  const quotes = String.raw`\\{0,3}["']`;
  const value = String.raw`"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|\\+"[^"\\\n]+\\+"|[^\s"',;&{}[\]\\]{2,}`;
  return new RegExp(String.raw`((?:${words})(?:${quotes})?\s{0,3}[:=]\s{0,3})(${value})`, 'gi');
}
