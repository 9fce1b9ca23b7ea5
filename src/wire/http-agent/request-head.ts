import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { LOOPBACK_HOSTS } from '../../lib/confidential.ts';
import { HEADERS } from '../modern/meta.ts';
import { HttpRefusal } from './refusal.ts';

export type HeadRules = {
  /** `Host` values besides this machine's own names: `name` (any port) or `name:port`. */
  readonly allowedHosts: readonly string[];
  /** Origins of web pages that may call: scheme, host and port, exactly. */
  readonly allowedOrigins: readonly string[];
};

/** Headers of which two would mean that two readers of the request may choose differently. */
const SINGLE: ReadonlySet<string> = new Set([
  'host',
  'origin',
  'authorization',
  'dpop',
  'content-type',
  'content-length',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
]);

/** The path of a request whose head is fit to be looked at. Throws `HttpRefusal`. */
export function readTarget(request: IncomingMessage): string {
  requireSingle(request.rawHeaders);
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  // An absolute target names a second host, which a proxy may believe instead of `Host`.
  if (!path.startsWith('/'))
    throw new HttpRefusal('target', 'Cannot accept the request: the target is not a path');
  // Query strings end up in logs and in `Referer` (RFC 6750 §5.3).
  if (mark !== -1 && new URLSearchParams(url.slice(mark + 1)).has('access_token'))
    throw new HttpRefusal('token-in-query', 'Cannot accept a token in the query string');
  return path;
}

/** Every value of one header, as they came. `headersDistinct` would sort all headers for the sake of one. */
export function valuesOf(
  { rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>,
  name: string,
): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** `headers` holds names and values in turns, as they came. */
function requireSingle(headers: readonly string[]): void {
  const seen = new Set<string>();
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] ?? '').toLowerCase();
    if (seen.has(name) && (SINGLE.has(name) || name.startsWith(HEADERS.paramPrefix)))
      throw new HttpRefusal('header-repeated', `Cannot accept the request: ${name} is repeated`);
    seen.add(name);
  }
}

/**
 * Refuses what a web page could send: a name an attacker re-bound to this machine (`Host`), or a page of another origin
 * (`Origin`). Returns the origin where there is one.
 */
export function createHeadCheck(
  rules: HeadRules,
  bound: { readonly host: string; readonly port: number },
): (request: IncomingMessage) => string | undefined {
  const hosts = new Set(rules.allowedHosts.map((host) => host.toLowerCase()));
  const origins = new Set(rules.allowedOrigins.map((origin) => origin.toLowerCase()));

  // Nobody can re-bind an address, only a name.
  const address = isIP(bound.host) === 0 ? [] : [asHost(bound.host)];
  const own = new Set([...LOOPBACK_HOSTS, ...address].map((name) => `${name}:${bound.port}`));

  return function checkHead(request) {
    const host = request.headers.host?.toLowerCase() ?? '';
    if (!own.has(host) && !hosts.has(host) && !hosts.has(host.replace(/:\d+$/, '')))
      throw new HttpRefusal('host', 'Cannot accept the request: this host name is not allowed');
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    if (
      !origins.has(origin.toLowerCase()) &&
      !(origin.startsWith('http://') && own.has(origin.slice('http://'.length)))
    )
      throw new HttpRefusal('origin', 'Cannot accept the request: this origin is not allowed');
    return origin;
  };
}

/** An address as it stands in a URL. */
export function asHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Throws `HttpRefusal` unless `Accept` lists all of `types` (MCP transports, Streamable HTTP). */
export function requireAccept(request: IncomingMessage, types: readonly string[]): void {
  const ranges = (request.headers.accept ?? '').split(',').map(mediaType);
  for (const type of types)
    if (!ranges.some((range) => covers(range, type)))
      throw new HttpRefusal(
        'not-acceptable',
        `Cannot answer: Accept must list ${types.join(', ')}`,
      );
}

function covers(range: string, type: string): boolean {
  return range === type || range === '*/*' || range === `${type.split('/')[0]}/*`;
}

/** Throws `HttpRefusal` unless the body is JSON in UTF-8 and not compressed. */
export function requireJson(request: IncomingMessage): void {
  const [type, ...parameters] = (request.headers['content-type'] ?? '').split(';');
  const other = parameters.find((text) => !/^\s*charset="?utf-8"?\s*$/i.test(text));
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (
    mediaType(type ?? '') !== 'application/json' ||
    other !== undefined ||
    encoding !== 'identity'
  )
    throw new HttpRefusal(
      'media-type',
      'Cannot read the body: it must be application/json in UTF-8',
    );
}

function mediaType(text: string): string {
  return (text.split(';')[0] ?? '').trim().toLowerCase();
}
