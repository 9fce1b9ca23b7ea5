import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCheckProof } from '../../src/identity/proof.ts';
import { createProtectedResource } from '../../src/identity/protected-resource.ts';
import { createAbout } from '../../src/wire/about.ts';
import { createVerifier } from '../../src/identity/verifier.ts';
import {
  serveHttp,
  type HttpAgent,
  type RefusedRequest,
  type ServeHttpOptions,
} from '../../src/wire/http-agent/serve-http.ts';
import { AUDIENCE, signingKey, signToken } from './keys.ts';

const ISSUER = 'https://idp.example';
const key = await signingKey('k1');
const folder = mkdtempSync(join(tmpdir(), 'sallyport-http-'));
const jwks = join(folder, 'jwks.json');
writeFileSync(jwks, JSON.stringify({ keys: [key.jwk] }));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A token for this agent; `claims` go over Alice's. */
export async function tokenFor(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return await signToken(key, ISSUER, claims);
}

export type RunningAgent = HttpAgent &
  AsyncDisposable & {
    readonly port: number;
    readonly refused: RefusedRequest[];
    readonly failed: unknown[];
  };

/** The agent side on a free port, behind real tokens. */
export async function startAgent(
  options: Partial<ServeHttpOptions> & Pick<ServeHttpOptions, 'open'>,
): Promise<RunningAgent> {
  const refused: RefusedRequest[] = [];
  const failed: unknown[] = [];
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks });
  const agent = await serveHttp({
    port: 0,
    about: createAbout('0'),
    introduce: async () => await Promise.resolve(createAbout('0')),
    verify: verifier.verify,
    checkProof: createCheckProof({ resource: AUDIENCE, clockToleranceS: 5, now: Date.now }),
    resource: createProtectedResource({
      resource: AUDIENCE,
      authorizationServers: [ISSUER],
      scopes: ['mcp:tools'],
    }),
    allowedHosts: [],
    allowedOrigins: [],
    onRefused: (event) => refused.push(event),
    onFailed: (thrown) => failed.push(thrown),
    ...options,
  });
  return {
    ...agent,
    port: Number(new URL(agent.url).port),
    refused,
    failed,
    [Symbol.asyncDispose]: async () => await agent.close(),
  };
}

/** Resolves when the agent, in this process, has heard of every connection that was closed before. */
export async function hearsOfClosed(agent: { readonly url: string }): Promise<void> {
  // What came before them has been read by then, and a timer would prove nothing: it may run before what waits is read.
  for (let asked = 0; asked < 3; asked++)
    await (await fetch(new URL('/healthz', agent.url))).text();
}

export type RawAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
};

/** One POST as a client would send it; `headers` go over the usual ones, `undefined` takes one away. */
export async function post(
  agent: { readonly url: string },
  token: string | undefined,
  body: unknown,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<RawAnswer> {
  const response = await fetch(agent.url, {
    method: 'POST',
    headers: usual(token, { 'content-type': 'application/json', ...headers }),
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const json = (response.headers.get('content-type') ?? '').startsWith('application/json');
  const parsed: unknown = json ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, body: parsed };
}

export function usual(
  token: string | undefined,
  headers: Readonly<Record<string, string | undefined>> = {},
): Headers {
  const result = new Headers({ accept: 'application/json, text/event-stream' });
  if (token !== undefined) result.set('authorization', `Bearer ${token}`);
  for (const [name, value] of Object.entries(headers))
    if (value === undefined) result.delete(name);
    else result.set(name, value);
  return result;
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  },
};

/** Opens a session and returns its id. */
export async function openSession(
  agent: { readonly url: string },
  token: string | undefined,
  version = '2025-11-25',
): Promise<string> {
  const answer = await post(agent, token, {
    ...INITIALIZE,
    params: { ...INITIALIZE.params, protocolVersion: version },
  });
  const id = answer.headers.get('mcp-session-id');
  if (answer.status !== 200 || id === null)
    throw new Error(`no session: ${answer.status} ${answer.text}`);
  return id;
}
