import type { IncomingMessage } from 'node:http';
import { readDestination, type Destination } from './destination.ts';
import { EgressRefusal } from './refusal.ts';
import { maskText, placeholderOf, type EgressSecret } from './secret.ts';

/** A header as it is written: name and value. */
type Field = readonly [name: string, value: string];

/** A request of a program, as it may go on. */
export type Head = {
  readonly destination: Destination;
  readonly path: string;
  readonly fields: readonly Field[];
  readonly hasBody: boolean;
};

/** TRACE would answer with the credential that was put in; CONNECT is another way. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Of the connection and not of the message (RFC 9110 §7.6.1), and what the proxy answers itself. */
const HOP_BY_HOP = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer',
  'transfer-encoding', 'upgrade', 'expect', 'http2-settings', 'alt-svc',
]); // prettier-ignore

/** How long a body is must be said once and stay as it was. */
const KEPT = new Set(['host', 'content-length']);

/**
 * Reads a request in absolute form (RFC 9112 §3.2.2). Node's parser has refused two lengths and a length beside chunks;
 * here the target and its `Host` have to agree. Throws an `EgressRefusal`.
 */
export function readHead({ method = '', url = '', rawHeaders }: IncomingMessage): Head {
  if (!METHODS.has(method)) throw new EgressRefusal('method-refused', 'this method is refused');
  const [, authority = '', path = '/'] =
    /^http:\/\/([^/?#@]+)(\/[\x21\x22\x24-\x7e]*)?$/iu.exec(url) ?? [];
  const destination = readDestination(authority, 80);
  if (!destination)
    throw new EgressRefusal('malformed', 'expected an absolute address such as http://host/path');
  const all = pairs(rawHeaders);
  const valuesOf = (name: string): string[] =>
    all.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  const [host, ...more] = valuesOf('host').map((value) => readDestination(value, 80));
  if (more.length > 0 || host?.host !== destination.host || host.port !== destination.port)
    throw new EgressRefusal('malformed', 'the Host header says another host');
  const coding = valuesOf('transfer-encoding');
  const isChunked = coding.length > 0;
  const hasLength = valuesOf('content-length').length > 0;
  if (isChunked && (hasLength || coding.join().toLowerCase() !== 'chunked'))
    throw new EgressRefusal('malformed', 'the length of the body is not clear');
  const fields = endToEnd(all).filter(([name]) => name.toLowerCase() !== 'host');
  // A method without a body by habit would be written without its chunks.
  if (isChunked) fields.push(['Transfer-Encoding', 'chunked']);
  return { destination, path, fields, hasBody: isChunked || hasLength };
}

/** The headers as they go to the host, with its secret where the placeholder stood, and whether it did. */
export function withSecret(
  { destination: { host, port }, fields }: Head,
  defaultPort: number,
  secret: EgressSecret | undefined,
): { readonly headers: string[]; readonly isUsed: boolean } {
  const placeholder = secret && placeholderOf(secret);
  let isUsed = false;
  const out: Field[] = [['Host', port === defaultPort ? host : `${host}:${port}`]];
  for (const [name, value] of fields) {
    const here = secret && placeholder && name.toLowerCase() === secret.header;
    if (here && value.includes(placeholder)) {
      isUsed = true;
      out.push([name, value.replaceAll(placeholder, () => secret.value)]);
    } else out.push([name, value]);
  }
  if (!isUsed) return { headers: out.flat(), isUsed };
  // The secret is looked for in the answer, which must not be compressed for that.
  const plain = out.filter(([name]) => name.toLowerCase() !== 'accept-encoding');
  return { headers: [...plain, ['Accept-Encoding', 'identity'] as const].flat(), isUsed };
}

/** The headers of an answer as the program gets them. */
export function answerHeaders(rawHeaders: readonly string[], secret?: EgressSecret): string[] {
  const fields = endToEnd(pairs(rawHeaders));
  const masked = secret
    ? fields.map(([name, value]) => [name, maskText(value, secret)] as const)
    : fields;
  return [...masked, ['Connection', 'close'] as const].flat();
}

function endToEnd(fields: readonly Field[]): Field[] {
  const named = fields
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((name) => name.trim())
    .filter((name) => !KEPT.has(name));
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  return fields.filter(([name]) => !dropped.has(name.toLowerCase()));
}

function pairs(raw: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) fields.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return fields;
}
