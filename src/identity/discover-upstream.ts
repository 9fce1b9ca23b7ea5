import type * as oauth from 'oauth4webapi';
import { Fault } from '../lib/fault.ts';
import { isJsonObject, parseJson, type JsonObject } from '../lib/json.ts';
import { challengeParams } from '../wire/http-upstream/authorize.ts';
import { assertSecureUrl } from './fetch-json.ts';
import { fetchIssuerMetadata } from './issuer-metadata.ts';

/** Where one signs in for a server. */
export type Discovered = {
  readonly as: oauth.AuthorizationServer;
  /** What tokens are asked for (RFC 8707). */
  readonly resource: string;
  /** What the server asks for; none: it does not say. */
  readonly scopes: readonly string[];
  /** The issuer takes a URL as client id (CIMD). */
  readonly takesClientUrl: boolean;
};

const HELLO = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'sallyport', version: '1' },
  },
});

/**
 * Asks a server without a token, and follows what it says: RFC 9728 metadata, then RFC 8414 metadata of its issuer. Throws
 * `Fault` for what cannot be trusted.
 */
export async function discoverUpstream(
  server: URL,
  fetch: typeof globalThis.fetch,
): Promise<Discovered> {
  const { metadata, scope } = await resourceMetadata(server, fetch);
  const resource = metadata['resource'];
  // Metadata of another resource would get us a token for that one, to be sent to this server.
  if (typeof resource !== 'string' || !covers(resource, server))
    throw new Fault(`Cannot sign in to ${server.href}: its metadata is of another resource`);
  const issuers = metadata['authorization_servers'];
  const issuer: unknown = Array.isArray(issuers) ? issuers[0] : undefined;
  if (typeof issuer !== 'string')
    throw new Fault(`Cannot sign in to ${server.href}: it names no authorization server`);
  const found = await fetchIssuerMetadata(fetch, issuer, 'token_endpoint');
  const asMetadata = found.metadata;
  // Without PKCE a code that is stolen on its way back is a token (MCP authorization, PKCE).
  const methods = asMetadata['code_challenge_methods_supported'];
  if (!Array.isArray(methods) || !methods.includes('S256'))
    throw new Fault(`Cannot sign in to ${server.href}: ${issuer} does not say that it does PKCE`);
  const said = metadata['scopes_supported'];
  const supported = Array.isArray(said) ? said.filter((one) => typeof one === 'string') : [];
  return {
    as: {
      issuer,
      token_endpoint: found.url.href,
      ...endpoint(asMetadata, 'authorization_endpoint'),
      ...endpoint(asMetadata, 'registration_endpoint'),
      authorization_response_iss_parameter_supported:
        asMetadata['authorization_response_iss_parameter_supported'] === true,
    },
    resource,
    scopes: scope === undefined ? supported : scope.split(' ').filter(Boolean),
    takesClientUrl: asMetadata['client_id_metadata_document_supported'] === true,
  };
}

async function resourceMetadata(
  server: URL,
  fetch: typeof globalThis.fetch,
): Promise<{ readonly metadata: JsonObject; readonly scope: string | undefined }> {
  const response = await fetch(server, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    body: HELLO,
  });
  if (response.status !== 401)
    throw new Fault(`Cannot sign in to ${server.href}: it wants nobody to (${response.status})`);
  const params = challengeParams(response.headers.get('www-authenticate') ?? '');
  const named = params?.get('resource_metadata');
  const path = server.pathname === '/' ? '' : server.pathname;
  const places =
    named === undefined
      ? [`/.well-known/oauth-protected-resource${path}`, '/.well-known/oauth-protected-resource']
      : [named];
  for (const place of places) {
    const answer = await fetch(new URL(place, server));
    if (answer.status !== 200) continue;
    const metadata = parseJson(Buffer.from(await answer.arrayBuffer()), {
      maxBytes: 1_048_576,
      maxDepth: 16,
    });
    if (isJsonObject(metadata)) return { metadata, scope: params?.get('scope') };
  }
  throw new Fault(`Cannot sign in to ${server.href}: it does not say where`);
}

/** Whether a resource is this server, or what it is a part of. */
export function covers(resource: string, server: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const { origin, pathname, hash } = new URL(resource);
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return origin === server.origin && hash === '' && `${server.pathname}/`.startsWith(folder);
}

function endpoint<Name extends string>(
  metadata: JsonObject,
  name: Name,
): Partial<Record<Name, string>> {
  const value = metadata[name];
  if (typeof value !== 'string') return {};
  assertSecureUrl(new URL(value));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is any string to the compiler
  return { [name]: value } as Partial<Record<Name, string>>;
}
