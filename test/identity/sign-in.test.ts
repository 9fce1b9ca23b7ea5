import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { discoverUpstream } from '../../src/identity/discover-upstream.ts';
import { signIn, type SignInOptions } from '../../src/identity/sign-in.ts';

/** A server that names itself as its issuer; what its token endpoint was sent. */
async function startOwnIssuer(
  context: TestContext,
): Promise<{ readonly url: URL; readonly sent: string[] }> {
  const sent: string[] = [];
  const server = createServer((asked, response) => {
    const { origin } = url;
    if (asked.url === '/mcp') response.writeHead(401).end();
    else if (asked.url?.startsWith('/.well-known/oauth-protected-resource') === true)
      response.end(JSON.stringify({ resource: url.href, authorization_servers: [origin] }));
    else if (asked.url?.startsWith('/.well-known/') === true)
      response.end(
        JSON.stringify({
          issuer: origin,
          authorization_endpoint: `${origin}/auth`,
          token_endpoint: `${origin}/token`,
          code_challenge_methods_supported: ['S256'],
        }),
      );
    else {
      sent.push(asked.headers.authorization ?? '');
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: 'x', token_type: 'bearer', expires_in: 60 }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  const url = new URL(`http://127.0.0.1:${address.port}/mcp`);
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, sent };
}

/** The browser of somebody who lets everybody in. */
function comeBack(shown: URL): void {
  const back = new URL(shown.searchParams.get('redirect_uri') ?? '');
  back.searchParams.set('code', 'c');
  back.searchParams.set('state', shown.searchParams.get('state') ?? '');
  void fetch(back);
}

async function optionsOf(url: URL, client: SignInOptions['client']): Promise<SignInOptions> {
  const where = await discoverUpstream(url, fetch);
  const signal = AbortSignal.timeout(5000);
  return { where, client, scopes: [], fetch, signal, show: comeBack };
}

test('a secret is shown to its own issuer, whichever one a server names', async (context) => {
  const { url, sent } = await startOwnIssuer(context);
  const client = { id: 'sallyport', secret: 'of-the-honest-one' };
  const elsewhere = await optionsOf(url, { ...client, issuer: 'https://honest.example' });
  await assert.rejects(signIn(elsewhere), /auth\.login\.client is of https:\/\/honest\.example/u);
  assert.deepEqual(sent, []);
  const { client: kept } = await signIn(await optionsOf(url, { ...client, issuer: url.origin }));
  assert.deepEqual(kept, { ...client, method: 'client_secret_basic' });
  assert.equal(sent.length, 1);
});

test('what knocks at the callback with nonsense is turned away, and the sign-in goes on', async (context) => {
  const { url } = await startOwnIssuer(context);
  const statuses: number[] = [];
  const options = await optionsOf(url, { issuer: url.origin, id: 'sallyport' });
  async function knockFirst(shown: URL): Promise<void> {
    const { port } = new URL(shown.searchParams.get('redirect_uri') ?? '');
    statuses.push(await knock(Number(port)));
    comeBack(shown);
  }
  const login = await signIn({
    ...options,
    show: (shown) => void knockFirst(shown),
  });
  assert.equal(login.accessToken, 'x');
  assert.deepEqual(statuses, [400]);
});

/** Asks for `//`, which is no path of a URL. */
async function knock(port: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '//' }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .once('error', reject)
      .end();
  });
}
