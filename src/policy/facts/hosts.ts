import { decode } from './decode.ts';
import { isAbout, type Leaf, type Leaves } from './leaves.ts';
import { UNCLEAR } from './unclear.ts';

const HOST_WORDS = new Set(
  'host hosts hostname hostnames domain domains server endpoint endpoints url urls uri uris link links href website site origin proxy webhook callback'.split(
    ' ',
  ),
);
/**
 * Anywhere in a text, one inside another and behind whatever else too; browsers take `http:host` and `http:\\host` for a URL
 * as well.
 */
const URLS =
  /(?:(?<![a-z])(?:https?|wss?|ftp):[/\\]*|(?<=[a-z0-9+.-])(?<!(?<![a-z0-9+.-])file):[/\\]{2,}|(?<![a-z0-9+.-])file:[/\\]{2}(?![/\\]))(?=([^\s"'<>`]{1,1024}))/giu;
/** In a list or in front of a path with blanks in it. */
const LIKE_HOST = /^(?:[/\\]{2})?[^\s/\\.][^\s]*[.:/\\?#\u3002\uff0e\uff61][^\s]/u;
const SCP = /^[^\s@:/]+@([^\s@:/]+|\[[^\]]+\]):(?!\/\/)/u;
const MAX_HOSTS = 500;
/** Schemes without a host. */
const LOCAL = /^(?:data|mailto|urn|javascript|about|file|blob|cid):/iu;
const MAX_AUTHORITY = 1024;
/** IDNA 2003 and 2008 make different hosts of these. */
const DEVIATION = /[\u00df\u1e9e\u03c2\u200c\u200d]/u;

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

function* authoritiesIn({ value, words, isName }: Leaf): Generator<string> {
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
  if (any || LOCAL.test(text)) return;
  const isNamed = !isName && isAbout(words, HOST_WORDS);
  if (!isOne) {
    if (!isNamed) return;
    for (const each of text.split(/[\s,;]+/u))
      if (LIKE_HOST.test(each)) yield each.replace(/^[/\\]{2}/u, '');
    return;
  }
  const scp = SCP.exec(text)?.[1];
  if (scp !== undefined) yield scp;
  else if (/^[/\\]{2}[^/\\]/u.test(text)) yield text.slice(2);
  else if (isNamed && /^[^/\\.]/u.test(text)) yield text;
}

/** Of what follows the slashes of a URL: as browsers read it, and as RFC 3986 does where that is another host. */
function readHost(rest: string): string[] {
  const strict = /^[^/?#]*/u.exec(rest)?.[0] ?? '';
  const host = strict.slice(strict.lastIndexOf('@') + 1).replace(/:\d*$/u, '');
  if (rest.length === 0 || host.length > MAX_AUTHORITY) return [UNCLEAR];
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
