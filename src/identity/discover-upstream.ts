import type * as oauth from 'oauth4webapi';
import { Fault } from '../lib/fault.ts';
import { isJsonObject, parseJson, type JsonObject } from '../lib/json.ts';
import { visible } from '../lib/visible.ts';
import { challengeParams } from '../wire/http-upstream/authorize.ts';
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

/** Asked for without a token. Some servers greet everybody, and ask who it is for what they have. */
const QUESTIONS = [
  {
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'sallyport', version: '1' },
    },
  },
  { method: 'tools/list', params: {} },
];

/** Names and addresses of this machine, as they stand in a URL. */
const THIS_MACHINE = /^(?:(?:.+\.)?localhost|127\..+|0\.0\.0\.0|\[::(?:1|ffff:7f[^\]]*)?\])$/u;

/**
 * Asks a server without a token, and follows what it says: RFC 9728 metadata, then RFC 8414 metadata of its issuer. It has
 * to be the metadata of `resource`, which is the server unless its owner says otherwise. Throws `Fault` for what cannot be
 * trusted, or is nonsense.
 */
export async function discoverUpstream(
  server: URL,
  fetch: typeof globalThis.fetch,
  resource = server,
): Promise<Discovered> {
  return await discover(server, fetch, resource).catch((cause: unknown) => {
    if (cause instanceof Fault) throw cause;
    const why = cause instanceof Error ? cause.message : 'it answers nonsense';
    throw new Fault(visible(`Cannot sign in to ${server.href}: ${why}`), { cause, exit: 1 });
  });
}

async function discover(
  server: URL,
  fetch: typeof globalThis.fetch,
  wanted: URL,
): Promise<Discovered> {
  const { metadata, scope } = await resourceMetadata(server, fetch, wanted);
  const resource = metadata['resource'];
  // Metadata of another resource would get us a token for that one, to be sent to this server.
  if (typeof resource !== 'string' || !isResource(resource, wanted))
    throw new Fault(`Cannot sign in to ${server.href}: its metadata is of another resource`, {
      hint: 'where that is right write auth.login.resource of that server',
    });
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
  return {
    as: {
      issuer,
      token_endpoint: found.url.href,
      ...endpoint(server, asMetadata, 'authorization_endpoint'),
      ...endpoint(server, asMetadata, 'registration_endpoint'),
      ...endpoint(server, asMetadata, 'device_authorization_endpoint'),
      ...textsOf(asMetadata, 'scopes_supported'),
      ...textsOf(asMetadata, 'token_endpoint_auth_methods_supported'),
      authorization_response_iss_parameter_supported:
        asMetadata['authorization_response_iss_parameter_supported'] === true,
    },
    resource,
    scopes:
      scope === undefined
        ? (textsOf(metadata, 'scopes_supported').scopes_supported ?? [])
        : scope.split(' ').filter(Boolean),
    takesClientUrl: asMetadata['client_id_metadata_document_supported'] === true,
  };
}

async function resourceMetadata(
  server: URL,
  fetch: typeof globalThis.fetch,
  wanted: URL,
): Promise<{ readonly metadata: JsonObject; readonly scope: string | undefined }> {
  const params = await challengeOf(server, fetch);
  const named = params?.get('resource_metadata');
  const scope = params?.get('scope');
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
    if (isJsonObject(metadata)) return { metadata, scope };
  }
  // As in 2025-03-26: a host is its own issuer, for those alone who mean all of it.
  const { href, origin, pathname } = wanted;
  if (params && named === undefined && pathname === '/')
    return { metadata: { resource: href, authorization_servers: [origin] }, scope };
  const why = params ? 'it does not say where' : 'it asks nobody who they are';
  throw new Fault(`Cannot sign in to ${server.href}: ${why}`);
}

/** What a server says to whoever brings no token; nothing: it asks nobody who it is, or not before a tool is called. */
async function challengeOf(
  server: URL,
  fetch: typeof globalThis.fetch,
): Promise<ReadonlyMap<string, string> | undefined> {
  for (const question of QUESTIONS) {
    const response = await fetch(server, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...question }),
    });
    if (response.status === 401)
      return challengeParams(response.headers.get('www-authenticate') ?? '') ?? new Map();
  }
  return undefined;
}

/** Whether both are the same resource (RFC 9728 §3.3); one above it may be other people's too. */
export function isResource(resource: string, wanted: URL): boolean {
  return URL.canParse(resource) && new URL(resource).href === wanted.href;
}

function endpoint<Name extends string>(
  server: URL,
  metadata: JsonObject,
  name: Name,
): Partial<Record<Name, string>> {
  const value = metadata[name];
  if (typeof value !== 'string') return {};
  if (!mayLeadTo(value, server))
    throw new Fault(`Cannot sign in to ${server.href}: its ${name} cannot be used`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is any string to the compiler
  return { [name]: value } as Partial<Record<Name, string>>;
}

/** A person opens it in a browser: what listens on their machine is no business of a server elsewhere. */
export function mayLeadTo(text: string, server: URL): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (THIS_MACHINE.test(hostname))
    return THIS_MACHINE.test(server.hostname) && /^https?:$/u.test(protocol);
  return protocol === 'https:';
}

function textsOf<Name extends string>(
  metadata: JsonObject,
  name: Name,
): Partial<Record<Name, string[]>> {
  const value = metadata[name];
  if (!Array.isArray(value)) return {};
  const texts = value.filter((one) => typeof one === 'string');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is any string to the compiler
  return { [name]: texts } as Partial<Record<Name, string[]>>;
}
