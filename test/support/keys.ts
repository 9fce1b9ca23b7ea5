import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export const AUDIENCE = 'https://gate.example/mcp';

export type SigningKey = {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly alg: string;
};

/** A fresh key pair with its public JWK. */
export async function signingKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, alg, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** A signed access token; `claims` go over those of a good one. */
export async function signToken(
  key: SigningKey,
  issuer: string,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    iss: issuer,
    aud: AUDIENCE,
    sub: 'alice',
    client_id: 'agent',
    exp: now + 300,
    iat: now,
    groups: ['eng'],
    scope: 'mcp:tools',
    ...claims,
  };
  return await new SignJWT(payload)
    .setProtectedHeader({ alg: key.alg, kid: String(key.jwk.kid), typ: 'at+jwt', ...header })
    .sign(key.privateKey);
}

export type KeyServer = AsyncDisposable & {
  readonly issuer: string;
  readonly jwks: URL;
  /** What is answered from now on; `hang` never answers. */
  serve(answer: { keys: readonly JWK[] } | 'hang' | 'fail' | 'redirect' | 'endless'): void;
  /** Requests for the key set so far. */
  readonly hits: number;
};

/** An issuer's key set on a real socket, with discovery, which can be made to fail. */
export async function keyServer(first: readonly JWK[], claim?: string): Promise<KeyServer> {
  let answer: Parameters<KeyServer['serve']>[0] = { keys: first };
  let hits = 0;
  let issuer = '';
  const server: Server = createServer((request, response) => {
    if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: claim ?? issuer, jwks_uri: `${issuer}/jwks` }));
      return;
    }
    if (request.url !== '/jwks') {
      response.writeHead(404).end();
      return;
    }
    hits++;
    if (answer === 'hang') return;
    if (answer === 'fail') response.writeHead(500).end();
    else if (answer === 'redirect')
      response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
    else if (answer === 'endless') {
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    } else response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot listen');
  issuer = `http://127.0.0.1:${address.port}`;
  return {
    issuer,
    jwks: new URL(`${issuer}/jwks`),
    serve(next) {
      answer = next;
    },
    get hits() {
      return hits;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
