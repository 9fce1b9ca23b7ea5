import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

import { CLASSES } from '../call.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { looksSecret, secretsIn } from './secrets.ts';
import { isConfidential } from '../lib/confidential.ts';
import { isAbove, isUrl } from './urls.ts';
import { headerMap, variableMap, word } from './values.ts';

/** Scopes of OAuth 2.0 (RFC 6749 §3.3). */
const scope = z
  .string()
  .regex(/^[\u0021\u0023-\u005b\u005d-\u007e]{1,128}$/u, { error: 'it is no scope' });

const secureUrl = word.refine((value) => isUrl(value, isConfidential), {
  error: 'expected an https URL (http only on this machine)',
});

/** What decides where a program comes from or what is loaded into it is no place for what a person types. */
const STEERS =
  /^(?:PATH|HOME|SHELL|IFS|ENV|BASH_ENV|NODE_OPTIONS|NODE_PATH|PYTHON.*|LD_.*|DYLD_.*)$/iu;

/** The gateway's own credential at one issuer, which no other issuer is shown. */
export const clientSchema = z
  .strictObject({ id: word, secret: word.optional(), key: word.optional() })
  .refine(({ secret, key }) => (secret === undefined) !== (key === undefined), {
    error: 'it needs either a secret or the file of a private key',
  });

/** How a server is shown who asks, or that it is not. */
export const authSchema = z
  .strictObject({
    exchange: z.strictObject({ audience: word, scopes: z.array(scope).min(1) }).optional(),
    enterprise: z
      .strictObject({
        // Of the owner, not of the server: a server that names an issuer could name one that collects who people are.
        issuer: secureUrl,
        client: clientSchema,
        resource: secureUrl.optional(),
        scopes: z.array(scope).min(1),
        subject: z.enum(['access_token', 'id_token']).default('access_token'),
      })
      .optional(),
    shared: z
      .strictObject({
        headers: headerMap.optional(),
        env: variableMap.optional(),
        token: z
          .strictObject({
            issuer: secureUrl,
            client: clientSchema,
            resource: secureUrl.optional(),
            scopes: z.array(scope).min(1),
          })
          .optional(),
        classes: z.array(z.enum(CLASSES)).min(1).default(['read']),
      })
      .optional(),
    login: z
      .strictObject({
        client: z
          .strictObject({
            // A server names its issuer itself: without this it could name one that collects secrets.
            issuer: secureUrl,
            id: word,
            secret: word.optional(),
          })
          .optional(),
        clientUrl: word
          .refine((value) => isUrl(value, ({ protocol }) => protocol === 'https:'), {
            error: 'expected an https URL',
          })
          .optional(),
        resource: secureUrl.optional(),
        scopes: z.array(scope).min(1).optional(),
      })
      .optional(),
    secret: z
      .strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, { error: 'it is no name for a variable' })
          .refine((name) => !STEERS.test(name), { error: 'it steers what programs run' })
          .optional(),
        header: z
          .string()
          .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u, { error: 'it is no header name' })
          .optional(),
      })
      .optional(),
  })
  .refine((auth) => Object.values(auth).filter((one) => one !== undefined).length === 1, {
    error: 'it is one of enterprise, exchange, login, secret and shared',
  });

/** An issuer is asked in one name: of two one would be passed over without a word. */
export function twoClients(
  { identity }: { readonly identity?: unknown },
  context: z.core.$RefinementCtx,
): void {
  if (!isJsonObject(identity)) return;
  const { http, stdio } = identity;
  if (!isJsonObject(http) || !isJsonObject(stdio) || http['issuer'] !== stdio['issuer']) return;
  const [one, other] = [http['client'], stdio['client']];
  if (one === undefined || other === undefined || isDeepStrictEqual(one, other)) return;
  context.addIssue({
    code: 'custom',
    path: ['identity', 'stdio', 'client'],
    message: 'the same issuer knows the gateway as identity.http.client',
  });
}

/** Where several people sign in, a credential that stands beside `auth.shared` would be everybody's without anybody having said so. */
export function unsaidShared(
  { mcpServers, identity }: { readonly mcpServers?: unknown; readonly identity?: unknown },
  context: z.core.$RefinementCtx,
): void {
  if (!isJsonObject(identity) || identity['http'] === undefined) return;
  for (const [name, entry] of Object.entries(isJsonObject(mcpServers) ? mcpServers : {})) {
    const { args, url } = isJsonObject(entry) ? entry : {};
    for (const [place, given, home] of [
      ['args', args, 'env'],
      ['url', queryOf(url), 'headers'],
    ] as const)
      if (secretsIn(given).length > 0)
        context.addIssue({
          code: 'custom',
          path: ['mcpServers', name, place],
          message: `all callers would share the secret in it: write it below auth.shared.${home}`,
        });
    for (const place of ['headers', 'env']) {
      const given = isJsonObject(entry) ? entry[place] : undefined;
      for (const [key, value] of Object.entries(isJsonObject(given) ? given : {}))
        if (typeof value === 'string' && looksSecret(key, value))
          context.addIssue({
            code: 'custom',
            path: ['mcpServers', name, place, key],
            message: `all callers would share it: write it below auth.shared.${place}`,
          });
    }
  }
}

/** The query of a URL, as a list of its entries. */
function queryOf(url: unknown): unknown {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  return [...new URL(url).searchParams].map(([key, value]) => ({ [key]: value }));
}

/** What of `auth` belongs to the other kind of server, or to nobody. */
export function authRules(
  entry: Readonly<Partial<Record<'auth' | 'env' | 'headers' | 'url', unknown>>>,
  way: 'command' | 'url',
  say: (path: string[], message: string) => void,
): void {
  const { auth, headers, url } = entry;
  if (!isJsonObject(auth)) return;
  const { enterprise, exchange, login, secret, shared } = auth;
  if (isJsonObject(secret)) secretRules(secret, entry, way, say);
  for (const key of ['enterprise', 'exchange', 'login'])
    if (way === 'command' && auth[key] !== undefined)
      say(['auth', key], 'a server with a command is shown no token');
  for (const foreign of way === 'command' ? ['headers', 'token'] : ['env'])
    if (isJsonObject(shared) && shared[foreign] !== undefined)
      say(['auth', 'shared', foreign], `a server with a ${way} has no ${foreign}`);
  const token = isJsonObject(shared) ? shared['token'] : undefined;
  // A token for it is sent to this server, and must be no good elsewhere.
  for (const [one, ...path] of [
    [enterprise, 'enterprise'],
    [login, 'login'],
    [token, 'shared', 'token'],
  ] as const) {
    const resource = isJsonObject(one) ? one['resource'] : undefined;
    if (typeof resource === 'string' && typeof url === 'string' && !isAbove(resource, url))
      say(['auth', ...path, 'resource'], 'it is neither the url of the server nor above it');
  }
  const lent = isJsonObject(shared) ? shared['headers'] : undefined;
  const own = [headers, lent].flatMap((one) => Object.keys(isJsonObject(one) ? one : {}));
  if (
    (enterprise ?? exchange ?? login ?? token) !== undefined &&
    own.some((name) => /^authorization$/iu.test(name))
  )
    say(['headers'], 'auth says who is shown to the server, so Authorization cannot be set');
}

/** Where a person's own secret goes: one place, which nothing else has. */
function secretRules(
  secret: JsonObject,
  { env, headers }: Readonly<Partial<Record<'env' | 'headers', unknown>>>,
  way: 'command' | 'url',
  say: (path: string[], message: string) => void,
): void {
  const [own, foreign] = way === 'command' ? ['env', 'header'] : ['header', 'env'];
  if (secret[foreign] !== undefined)
    say(['auth', 'secret', foreign], `a server with a ${way} has no ${foreign}`);
  const at = ['auth', 'secret', own];
  const name = secret[own];
  if (typeof name !== 'string') return say(at, 'it is required');
  const others = Object.keys(isJsonObject(env) ? env : isJsonObject(headers) ? headers : {});
  const isSame = (other: string): boolean =>
    way === 'command' ? other === name : other.toLowerCase() === name.toLowerCase();
  if (others.some(isSame)) say(at, `the variable or header ${name} stands beside it too`);
}
