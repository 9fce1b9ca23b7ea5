import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../call.ts';
import type { Denial } from '../../denial.ts';
import { createHttpClient, type HttpClient, type HttpTimeouts } from './http-client.ts';

/** On whose behalf a server is asked: `caller`, or whoever asks now. */
export type Authorize = {
  /** Where the token stands, as it is; absent: in `Authorization`, as a bearer token. */
  readonly header?: string;
  /** The token for the next request. Throws `Denial` where there is none to be had. */
  readonly token: (caller?: Caller) => Promise<string>;
  /** The server has refused this one; resolves to whether there is another one to try. */
  readonly renew: (refused: string, caller?: Caller) => Promise<boolean>;
  /** What the caller is told when the server wants more scopes. */
  readonly missing: (scopes: readonly string[], caller?: Caller) => Denial | Promise<Denial>;
};

const SCOPE = /^[\u0021\u0023-\u005b\u005d-\u007e]{1,128}$/;
const MAX_SCOPES = 32;
const PARAM = /([a-z_]+) *= *(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/giu;

/** A client of one URL, which acts for somebody where there is `authorize`. */
export function createAuthorizedClient(
  url: URL,
  { timeouts, authorize }: { readonly timeouts: HttpTimeouts; readonly authorize?: Authorize },
): HttpClient {
  const client = createHttpClient(url, timeouts);
  return authorize === undefined ? client : withAuthorization(client, authorize);
}

/** Sends a token with every request; 401 means that nothing was done, so it is sent once more with a fresh one. */
function withAuthorization(client: HttpClient, authorize: Authorize): HttpClient {
  const { header } = authorize;
  return {
    async send(request) {
      const sendWith = async (token: string): Promise<IncomingMessage> => {
        const shown =
          header === undefined ? { authorization: `Bearer ${token}` } : { [header]: token };
        return await client.send({ ...request, headers: { ...request.headers, ...shown } });
      };
      const { caller } = request;
      const token = await authorize.token(caller);
      const response = await sendWith(token);
      const { statusCode } = response;
      const renew = async (): Promise<boolean> =>
        await authorize.renew(token, caller).catch((thrown: unknown) => {
          // Nobody reads it any more, and its connection would stay open.
          response.destroy();
          throw thrown;
        });
      if (statusCode === 401 && (await renew())) {
        response.destroy();
        return await sendWith(await authorize.token(caller));
      }
      const scopes = statusCode === 403 ? scopesWanted(response) : undefined;
      if (scopes === undefined) return response;
      response.destroy();
      throw await authorize.missing(scopes, caller);
    },
    close: () => client.close(),
  };
}

/** The scopes of an `insufficient_scope` challenge (RFC 6750 §3.1); none of them can end a header or a quote. */
export function scopesWanted({
  headers,
}: Pick<IncomingMessage, 'headers'>): readonly string[] | undefined {
  const params = challengeParams(headers['www-authenticate'] ?? '');
  if (params === undefined) return undefined;
  if (params.get('error') !== 'insufficient_scope') return undefined;
  const scopes = (params.get('scope') ?? '').split(' ').filter((scope) => SCOPE.test(scope));
  return [...new Set(scopes)].slice(0, MAX_SCOPES);
}

/** The parameters of a `Bearer` challenge; the first of each name counts. */
export function challengeParams(header: string): ReadonlyMap<string, string> | undefined {
  const [, text] = /(?:^|,) *bearer +(.*)$/iu.exec(header) ?? [];
  if (text === undefined) return undefined;
  const params = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of text.slice(0, 4096).matchAll(PARAM))
    if (!params.has(name.toLowerCase())) params.set(name.toLowerCase(), quoted ?? bare);
  return params;
}
