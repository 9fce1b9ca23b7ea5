import { domainToASCII } from 'node:url';
import { decode } from './decode.ts';
import { DEVIATION } from './hosts.ts';
import { isAbout, type Leaf, type Leaves } from './leaves.ts';
import { UNCLEAR } from './unclear.ts';

/** Whoever stands there receives something, address or not. */
const TO_WORDS = new Set(
  'to cc bcc recipient recipients attendee attendees invitee invitees'.split(' '),
);
/** What names somebody in `to: [{ id: "U123" }]`. */
const WHO_WORDS = new Set(
  'id ids uid user users username handle address addresses channel group phone'.split(' '),
);
const MAIL_WORDS = new Set('email emails mail mails'.split(' '));
const ADDRESS =
  /([^\s<>()[\],;:|\\"@]{1,320})@((?:[\p{L}\p{N}_-]+\.)*[\p{L}\p{N}_-]+|\[[^\]\s]+\])/gu;
/** One address or several, with names or without, and nothing else. */
const LIST =
  /^(?![a-z][a-z0-9+.-]*:\/\/)(?:mailto:|[^@\n]{0,256}<)?[^\s@]{1,256}@[^\s@]{1,256}(?:[\s,;][^\n]*)?$/iu;
/** Addresses and nothing else, whatever stands between them. */
const ONLY = /^(?![a-z][a-z0-9+.-]*:\/\/)(?:[^\s,;|@]{1,256}@[^\s,;|@]{1,256}(?:[\s,;|]+|$))+$/iu;
const MAX_LENGTH = 100_000;
/** What may stand behind an address; another dot, or a mark that nobody sees, makes another host of it. */
const ENDED = /^(?:$|[\s,;|>)\]"'}]|[.!?:](?:\s|$))/u;
/** Relays read `a%b@c` and `b!a@c` as a at b. */
const RELAYED = /[%!]/u;
/** Seven digits may be a telephone number, fewer are a count or a place. */
const NUMBER = 1_000_000;

export type Recipients = {
  readonly addresses: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
};

/** Whom the arguments write to: lower case, domains in ASCII. */
export function recipientsIn({ all, isWhole }: Leaves): Recipients {
  const addresses = new Set<string>(isWhole ? [] : [UNCLEAR]);
  const domains = new Set<string>(isWhole ? [] : [UNCLEAR]);
  for (const leaf of all)
    if (typeof leaf.value === 'string') read(leaf, leaf.value.trim());
    else if (Math.abs(leaf.value) >= NUMBER && isAbout(leaf.words, TO_WORDS))
      read(leaf, String(leaf.value));
  return { addresses, domains };

  function read({ words, above, isName }: Leaf, text: string): void {
    const isTo =
      !isName &&
      (isAbout(words, TO_WORDS) || (isAbout(above, TO_WORDS) && isAbout(words, WHO_WORDS)));
    const isNamed = isTo || (!isName && isAbout(words, MAIL_WORDS));
    if (text === '' || !(isNamed || isList(text))) return;
    const isLong = text.length > MAX_LENGTH;
    const decoded = decode(plain(text.slice(0, MAX_LENGTH)));
    let signs = 0;
    for (const { 0: whole, 1: local = '', 2: domain = '', index } of decoded.matchAll(ADDRESS)) {
      signs++;
      if (whole.length > 320) unclear();
      else add(local, domain);
      const end = index + whole.length;
      if (!ENDED.test(decoded.slice(end, end + 2)) || RELAYED.test(local)) unclear();
      if (DEVIATION.test(domain)) unclear();
    }
    // `a@b@c`, quoted names and the like: who that is depends on who reads it.
    if (isLong || decoded.split('@').length - 1 !== signs) unclear();
    // A name beside addresses: whom it means only the server knows.
    else if (
      signs > 0 &&
      isTo &&
      decoded
        .replaceAll(QUOTED, '')
        .split(/[,;|\n]/u)
        .some(isOther)
    )
      unclear();
    else if (signs === 0 && isTo) {
      addresses.add(decoded.slice(0, 320).toLowerCase());
      domains.add(UNCLEAR);
    }
  }

  function add(local: string, domain: string): void {
    const ascii = domainToASCII(domain.replace(/\.$/u, '')).toLowerCase() || UNCLEAR;
    addresses.add(`${local.toLowerCase()}@${ascii}`);
    domains.add(ascii);
  }

  function unclear(): void {
    addresses.add(UNCLEAR);
    domains.add(UNCLEAR);
  }
}

const QUOTED = /"[^"]*"/gu;

function isOther(part: string): boolean {
  return part.trim() !== '' && !part.includes('@');
}

function isList(text: string): boolean {
  return text.length <= 1000 ? LIST.test(text) || ONLY.test(text) : ONLY.test(text);
}

/** A `mailto:` URL (RFC 6068) as the list that it is. */
function plain(text: string): string {
  return /^mailto:/iu.test(text) ? text.slice(7).replaceAll(/[?&][a-z-]+=/giu, ' ') : text;
}
