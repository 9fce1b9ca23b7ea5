import { createHash } from 'node:crypto';
import type { JsonObject } from '../lib/json.ts';
import { rewriteUris } from './rewrite-uris.ts';

export type NamesOptions = {
  /** Every configured server; a name never depends on which of them answer. */
  readonly servers: readonly string[];
  /** Between server and name, e.g. `__`. */
  readonly separator: string;
  /** One wrapped server: its names and URIs stay as they are. */
  readonly single: boolean;
};

/** Upstream names as the agent sees them: pure functions of the configuration, so no upstream can move another's names. */
export interface Names {
  readonly servers: readonly string[];
  readonly separator: string;
  /** Within `[A-Za-z0-9_.-]{1,128}`; different (server, name) pairs never share one. */
  expose(server: string, name: string): string;
  /** `sallyport://SERVER/ORIGINAL`; works for RFC 6570 templates too. */
  exposeUri(server: string, uri: string): string;
  /** The way back; undefined when the URI does not name a configured server. */
  resolveUri(exposed: string): { readonly server: string; readonly uri: string } | undefined;
  /** Exposes the URIs in a result or in the `params` of `notifications/resources/updated`; see `rewriteUris`. */
  rewriteUris(value: JsonObject, server: string): JsonObject;
}

const PLAIN = /^[A-Za-z0-9_.-]{1,128}$/u;
/** The shape of a shortened name; a plain name that looks like one is shortened itself, so the two never meet. */
const HASHED = /-h[0-9a-f]{20}$/u;
const STEM_LENGTH = 80;
/** The gateway's own tools live here; no upstream may. */
const OWN = 'sallyport';
const SCHEME = 'sallyport://';

/** Throws a `TypeError` for servers or a separator that configuration should have refused. */
export function createNames({ servers, separator, single }: NamesOptions): Names {
  if (!/^[A-Za-z0-9_.-]{1,8}$/u.test(separator)) throw new TypeError('Cannot use this separator');
  if (new Set(servers).size !== servers.length) throw new TypeError('Cannot use a server twice');
  if (servers.includes(OWN)) throw new TypeError(`Cannot use the server name ${OWN}: it is taken`);
  if (single && servers.length !== 1)
    throw new TypeError('Cannot keep the names of several servers');
  const known = new Set(servers);
  const owners = [...servers, OWN].toSorted((a, b) => b.length - a.length);

  return { servers, separator, expose, exposeUri, resolveUri, rewriteUris: rewrite };

  function expose(server: string, name: string): string {
    const plain = single ? name : `${server}${separator}${name}`;
    const isOurs = single ? ownerOf(plain) !== OWN : ownerOf(plain) === server;
    return isOurs && PLAIN.test(plain) && !HASHED.test(plain) ? plain : hashed(server, name);
  }

  /**
   * Whose name this is: the longest server it starts with. So `a__b__c` belongs to a configured server `a__b`, and a
   * server `a` that offers a tool `b__c` gets a shortened name instead of the other's.
   */
  function ownerOf(plain: string): string | undefined {
    return owners.find((owner) => plain.startsWith(`${owner}${separator}`));
  }

  function hashed(server: string, name: string): string {
    const digest = createHash('sha256')
      .update(JSON.stringify([server, name]))
      .digest('hex');
    const full = single ? name : `${server}${separator}${name}`;
    const stem = full
      .slice(0, STEM_LENGTH)
      .replaceAll(/[^A-Za-z0-9_-]+/gu, '-')
      // Doubled, a separator could make the stem read like a tool of another server.
      .replaceAll(/([_-])[_-]+/gu, '$1');
    return `${stem}-h${digest.slice(0, 20)}`;
  }

  function exposeUri(server: string, uri: string): string {
    return single ? uri : `${SCHEME}${encodeURIComponent(server)}/${uri}`;
  }

  function resolveUri(exposed: string): { server: string; uri: string } | undefined {
    const [only] = servers;
    if (single && only !== undefined) return { server: only, uri: exposed };
    if (!exposed.startsWith(SCHEME)) return undefined;
    const slash = exposed.indexOf('/', SCHEME.length);
    if (slash === -1) return undefined;
    const written = exposed.slice(SCHEME.length, slash);
    const server = servers.find((name) => encodeURIComponent(name) === written);
    return server === undefined ? undefined : { server, uri: exposed.slice(slash + 1) };
  }

  function rewrite(value: JsonObject, server: string): JsonObject {
    if (!known.has(server)) throw new TypeError('Cannot rewrite for a server nobody configured');
    return single ? value : rewriteUris(value, (uri) => exposeUri(server, uri));
  }
}
