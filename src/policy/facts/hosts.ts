import { isIPv6 } from 'node:net';
import { decode } from './decode.ts';
import { isAbout, type Leaf, type Leaves } from './leaves.ts';
import { UNCLEAR } from './unclear.ts';

const HOST_WORDS = new Set(
  'host hosts hostname hostnames domain domains server endpoint endpoints url urls uri uris link links href website site origin proxy webhook callback fqdn'.split(
    ' ',
  ),
);
/** Where something that looks like a host is one; elsewhere `notes.txt` would be. */
const ADDRESS_WORDS = new Set(
  'ip ips addr addrs address remote peer registry upstream dns nameserver'.split(' '),
);
/** Members that say it of the object above them: `{ endpoint: { value: "example.com" } }`. */
const VALUE_WORDS = new Set('value name base address'.split(' '));
const LIKE_HOST = /^(?:[\p{L}\p{N}_-]+\.)+[\p{L}\p{N}-]+\.?(?::\d+)?(?:[/?#]|$)/u;
/**
 * Anywhere in a text, one inside another and behind whatever else too; browsers take `http:host` and `http:\\host` for a URL
 * as well.
 */
const URLS =
  /(?:(?<![a-z])(?:https?|wss?|ftp):[/\\]*|(?<=[a-z0-9+.-])(?<!(?<![a-z0-9+.-])file):[/\\]{2,}|(?<![a-z0-9+.-])file:[/\\]{2}(?![/\\]))(?=([^\s"'<>`]{1,1025}))/giu;
/** In a list or in front of a path with blanks in it. */
const IN_A_LIST = /^(?:[/\\]{2})?[^\s/\\.][^\s]*[.:/\\?#\u3002\uff0e\uff61][^\s]/u;
const SCHEME =
  /^(?:(?:https?|wss?|ftp):[/\\]*(?=[^\s/\\])|(?!file:)[a-z][a-z0-9+.-]{0,31}:[/\\]{2,})/iu;
const ENDS_IN_PROSE = /[\s"'<>`]/u;
/** Said in a line of its own, as in a list of headers. */
const HEADER = /^[ \t]*(?:[\w-]*host|:authority)[ \t]*:[ \t]*([^\s,;]+)/gimu;
const SCP = /^[^\s@:/]+@([^\s@:/]+|\[[^\]]+\]):(?!\/\/)/u;
const MAX_HOSTS = 500;
/** Schemes without a host. */
const LOCAL = /^(?:data|mailto|urn|javascript|about|file|blob|cid):/iu;
const MAX_AUTHORITY = 1024;
/** IDNA 2003 and 2008 make different hosts of these. */
export const DEVIATION = /[\u00df\u1e9e\u03c2\u200c\u200d]/u;

/** Hosts that the arguments name, as a resolver would get them. Nothing is asked for: redirects are not followed. */
export function hostsIn({ all, isWhole }: Leaves): Set<string> {
  const found = new Set<string>(isWhole ? [] : [UNCLEAR]);
  let left = MAX_HOSTS;
  for (const leaf of all)
    for (const authority of authoritiesIn(leaf)) {
      if (left-- === 0) return found.add(UNCLEAR);
      for (const host of readHost(authority)) found.add(host);
    }
  return found;
}

function* authoritiesIn(leaf: Leaf): Generator<string> {
  const { value, isName } = leaf;
  if (typeof value !== 'string') return;
  const trimmed = value.trim();
  const isOne = !trimmed.includes(' ');
  // Browsers leave line breaks and tabs in a URL out.
  const text = isOne ? trimmed.replaceAll(/[\t\r\n]/gu, '') : value;
  let any = false;
  for (const each of text.includes('%') ? new Set([text, decode(text)]) : [text])
    if (each.includes(':'))
      for (const [, rest = ''] of each.matchAll(URLS)) {
        any = true;
        yield isOne ? rest : rest.replace(/[).,;:!?}]+$/u, '');
      }
  yield* wholeIn(trimmed);
  if (!isName) for (const [, host = ''] of value.matchAll(HEADER)) if (isDotted(host)) yield host;
  if (!isName && isAbout(leaf.words, HOST_WORDS)) yield* listed(trimmed);
  if (any || !isOne || LOCAL.test(text)) return;
  yield* oneIn(leaf, text);
}

/** A text without blanks that is no URL. */
function* oneIn({ words, above, isName }: Leaf, text: string): Generator<string> {
  const scp = SCP.exec(text)?.[1];
  const isHost = !isName && isAbout(words, HOST_WORDS);
  const isAddress =
    !isName &&
    (isAbout(words, ADDRESS_WORDS) || (isAbout(words, VALUE_WORDS) && isAbout(above, HOST_WORDS)));
  if (scp !== undefined) yield scp;
  else if ((isHost || isAddress) && isIPv6(text)) yield `[${text}]`;
  else if (/^[/\\]{2}[^/\\]/u.test(text)) yield text.slice(2);
  // As many slashes as there are mean the same where a URL is expected.
  else if (isHost && /^[/\\]{3}/u.test(text)) yield text.replace(/^[/\\]+/u, '');
  else if (isHost && /^(?![/\\]|\.{1,2}(?:[/\\]|$))/u.test(text) && !SEPARATOR.test(text))
    yield text;
  else if (isAddress && LIKE_HOST.test(text)) yield text;
}

/** Blanks and quotes end a URL in prose; parsers take them for a part of the user or the host. */
function* wholeIn(text: string): Generator<string> {
  for (const each of text.includes('%') ? [text, decode(text)] : [text]) {
    const one = each.slice(0, 4 * MAX_AUTHORITY).replaceAll(/[\t\r\n]/gu, '');
    const scheme = SCHEME.exec(one)?.[0];
    const rest = scheme === undefined ? '' : one.slice(scheme.length);
    const authority = /^[^/?#\\]*/u.exec(rest)?.[0] ?? '';
    if (authority.length > MAX_AUTHORITY) yield rest;
    else if (one !== each || ENDS_IN_PROSE.test(authority))
      if (URL.canParse(`http://${authority}`)) yield authority;
  }
}

const SEPARATOR = /[\s,;|]/u;

/** Several in one text. */
function* listed(text: string): Generator<string> {
  if (!SEPARATOR.test(text)) return;
  // A URL may hold commas and, written carelessly, blanks.
  const between = SCHEME.test(text) ? /[,;|]\s+|[\r\n]+/u : /[\s,;|]+/u;
  for (const part of text.split(between)) {
    const host = part.trim().replace(/[).,;:!?}]+$/u, '');
    if (host.includes('://') || LOCAL.test(host)) continue;
    if (IN_A_LIST.test(host) || host === 'localhost') yield host.replace(/^[/\\]{2}/u, '');
  }
}

function isDotted(host: string): boolean {
  return /[.:]|^localhost$/iu.test(host);
}

/** Of what follows the slashes of a URL: as browsers read it, and as RFC 3986 does where that is another host. */
function readHost(rest: string): string[] {
  const strict = /^[^/?#]*/u.exec(rest)?.[0] ?? '';
  const host = strict.slice(strict.lastIndexOf('@') + 1).replace(/:\d*$/u, '');
  if (rest.length === 0 || strict.length > MAX_AUTHORITY) return [UNCLEAR];
  const readings = new Set([
    parse(rest.slice(0, MAX_AUTHORITY)),
    parse(host.replaceAll('\\', '%5C')),
  ]);
  if (readings.size > 1 || DEVIATION.test(strict)) readings.add(UNCLEAR);
  return [...readings];
}

function parse(text: string): string {
  try {
    const { hostname } = new URL(`http://${text}`);
    return plain(hostname.replace(/\.$/u, ''));
  } catch {
    return UNCLEAR;
  }
}

/** IPv6 without brackets, and an IPv4 address in IPv6 as what it is. */
function plain(hostname: string): string {
  if (!hostname.startsWith('[')) return hostname;
  const address = hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/u.exec(address);
  if (!mapped) return address;
  const [high, low] = [mapped[1], mapped[2]].map((part) => Number.parseInt(part ?? '', 16));
  return [high, low].flatMap((part = 0) => [part >> 8, part & 255]).join('.');
}
