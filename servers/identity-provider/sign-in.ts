import { createHash, randomBytes } from 'node:crypto';
import { isJsonObject } from '../../src/lib/json.ts';

type Who = { readonly user: string; readonly password: string };

export type CodeFlow = Who & {
  readonly issuer: string;
  readonly client: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly scope: string;
};

/** Signs in and gets an access token: authorization code with PKCE. Throws where either is refused. */
export async function fetchToken(flow: CodeFlow): Promise<string> {
  const { issuer, client, redirectUri, resource, scope } = flow;
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URL(`${issuer}/auth`);
  asked.search = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    resource,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const back = await signIn(asked, flow);
  return await askForToken(issuer, {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    client_id: client,
    code_verifier: verifier,
    resource,
  });
}

/** What the token endpoint gives for this, as a client with a secret where there is one. Throws with its answer. */
export async function askForToken(
  issuer: string,
  form: Readonly<Record<string, string>>,
  client?: { readonly id: string; readonly secret: string },
): Promise<string> {
  const basic = client && Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: basic === undefined ? {} : { authorization: `Basic ${basic}` },
    body: new URLSearchParams(form),
  });
  const answer: unknown = await response.json();
  if (isJsonObject(answer) && typeof answer['access_token'] === 'string')
    return answer['access_token'];
  throw new Error(`Cannot get a token: ${JSON.stringify(answer)}`);
}

/** A browser without windows: keeps cookies, fills in the form, and returns where it was sent back to. */
export async function signIn(first: URL, { user, password }: Who): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = first;
  let body: URLSearchParams | undefined;
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(body && { method: 'POST', body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(line) ?? [];
      cookies.set(name, value);
    }
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (location === null && (response.status !== 200 || body))
      throw new Error(`Cannot sign in: status ${response.status}`);
    body = location === null ? new URLSearchParams({ user, password }) : undefined;
    url = new URL(location ?? url, url);
    if (url.origin !== first.origin) return url;
  }
  throw new Error('Cannot sign in: too many redirects');
}
