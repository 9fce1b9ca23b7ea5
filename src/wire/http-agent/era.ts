import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../../lib/json.ts';
import type { Classified, RequestId } from '../frames.ts';
import { LEGACY_VERSIONS } from '../methods.ts';
import {
  claimsModern,
  isModernVersion,
  malformedMeta,
  readEnvelope,
  requireVersion,
  SERVED_VERSIONS,
  shakesHands,
} from '../modern-agent/envelope.ts';
import { ModernRefusal } from '../modern-agent/refusal.ts';
import {
  claimedVersion,
  decodeHeader,
  HEADERS,
  META,
  nameOf,
  type RequestMeta,
} from '../modern/meta.ts';
import { HttpRefusal } from './refusal.ts';

/**
 * A message with its era. The body decides: a request with a version in its `_meta` is modern, everything else legacy. A
 * header never makes it the one or the other, because who routes by headers and who acts on bodies must not differ.
 */
export type InEra =
  | { readonly era: 'legacy' }
  | { readonly era: 'modern'; readonly meta: RequestMeta }
  /** A notification of the modern era, which has none over HTTP that does anything (transports, sending messages). */
  | { readonly era: 'modern-notification' };

/** Throws `HttpRefusal` where the era cannot be told, or the headers say something else than the body. */
export function readEra(message: Classified, headers: IncomingHttpHeaders): InEra {
  const id = message.kind === 'request' ? message.id : null;
  try {
    return eraOf(message, headers);
  } catch (thrown) {
    throw thrown instanceof ModernRefusal ? asHttp(thrown, id) : thrown;
  }
}

/** The refusal of a modern request with its status; `id` is the request's. */
export function asHttp(
  { reason, message, data }: ModernRefusal,
  id: RequestId | null,
): HttpRefusal {
  return new HttpRefusal(reason, message, { id, ...(data ? { data } : {}) });
}

function eraOf(message: Classified, headers: IncomingHttpHeaders): InEra {
  const version = headerOf(headers, HEADERS.version);
  if (message.kind === 'response') {
    if (isModernVersion(version))
      throw new ModernRefusal('params-malformed', 'Cannot accept a response: nothing was asked');
    requireLegacyHeader(version);
    return { era: 'legacy' };
  }
  const { kind, method, params } = message;
  if (shakesHands(method, params) || !claimsModern(params)) return unclaimed(message, version);
  if (kind === 'notification') {
    const claimed = claimedVersion(params);
    if (claimed === undefined) throw malformedMeta(META.version);
    agree(HEADERS.version, version, claimed);
    requireVersion(claimed);
    return { era: 'modern-notification' };
  }
  const claimed = claimedVersion(params);
  if (version !== undefined && claimed !== undefined) agree(HEADERS.version, version, claimed);
  const meta = readEnvelope(params);
  requireHeaders(method, params, meta, headers);
  return { era: 'modern', meta };
}

/** A message that says nothing of a version itself. */
function unclaimed(message: Classified, version: string | undefined): InEra {
  if (!isModernVersion(version)) {
    // `initialize` negotiates in its body; what the header says before is not agreed yet.
    if (message.kind !== 'request' || message.method !== 'initialize')
      requireLegacyHeader(version, message.kind === 'request' ? message.id : null);
    return { era: 'legacy' };
  }
  if (message.kind === 'notification') return { era: 'modern-notification' };
  if (message.kind === 'request' && message.method === 'initialize')
    throw mismatch(`${HEADERS.version} names a version that has no initialize`);
  throw malformedMeta(META.version);
}

/** Specification 2026-07-28, transports, server validation. */
function requireHeaders(
  method: string,
  params: JsonObject,
  meta: RequestMeta,
  headers: IncomingHttpHeaders,
): void {
  const version = headerOf(headers, HEADERS.version);
  requireVersion(meta.version);
  agree(HEADERS.version, version, meta.version);
  agree(HEADERS.method, headerOf(headers, HEADERS.method), method);
  const name = nameOf(method, params);
  const said = headerOf(headers, HEADERS.name);
  if (name !== undefined)
    agree(HEADERS.name, said === undefined ? undefined : decodeHeader(said), name);
}

function agree(header: string, said: string | undefined, body: unknown): void {
  if (said === undefined) throw mismatch(`the header ${header} is missing or unreadable`);
  if (said !== body) throw mismatch(`the header ${header} disagrees with the body`);
}

function mismatch(why: string): ModernRefusal {
  return new ModernRefusal('header-mismatch', `Cannot accept the request: ${why}`);
}

/** For a message without a version of its own. An absent header means the version that was negotiated. */
function requireLegacyHeader(header: string | undefined, id: RequestId | null = null): void {
  if (header === undefined || LEGACY_VERSIONS.some((known) => known === header)) return;
  throw new HttpRefusal('version', 'Unsupported protocol version', {
    id,
    data: {
      supported: SERVED_VERSIONS,
      requested: header.slice(0, 64),
    },
  });
}

/** The same for a method of HTTP that the modern era does not have (transports, earlier revisions). */
export function requireLegacyMethod(header: string | undefined): void {
  if (isModernVersion(header))
    throw new HttpRefusal('method', 'Method not allowed', { headers: { allow: 'POST' } });
  requireLegacyHeader(header);
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
