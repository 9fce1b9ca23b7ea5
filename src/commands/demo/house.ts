import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { IdentityProviderOptions } from '../../../servers/identity-provider/identity-provider.ts';
import { askForToken, fetchToken, signIn } from '../../../servers/identity-provider/sign-in.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { packageRoot } from '../../lib/package-root.ts';
import { freePort } from './free-port.ts';

/** What only a clone has: who signs people in, a ticket system and a database, each a real one. */
export type House = AsyncDisposable & {
  /** Entries of `mcpServers`. */
  readonly servers: Readonly<Record<string, object>>;
  /** `identity.http`, but for the audience. */
  readonly identity: { readonly issuer: string } & Readonly<Record<string, unknown>>;
  /** `identity.stdio` for commands of the owner, whose token is in the environment variable `OWNER`. */
  readonly owner: Readonly<Record<string, unknown>>;
  readonly agent: { readonly id: string; readonly redirectUri: string };
  /** The URL of the tickets server. */
  readonly tickets: URL;
  /** Follows an authorization request as a browser does, with the password of `user`. */
  readonly browse: (url: URL, user: string) => Promise<URL>;
  /** A token of `user` for the gateway, without the gateway's help. */
  readonly token: (user: string) => Promise<string>;
  /** The gateway's own token for the tickets server. */
  readonly gatewayToken: () => Promise<string>;
  /** What the tickets server has written down. */
  readonly audit: () => Promise<JsonObject[]>;
};

/** Who runs `sallyport pin`: the tickets server shows its tools to people alone. */
export const OWNER = 'SALLYPORT_DEMO_TOKEN';

const AGENT = { id: 'demo-agent', redirectUri: 'http://127.0.0.1:1/callback' };
const GATEWAY = 'sallyport';
const SCOPES = ['tickets:read', 'tickets:write'];
/** What people grant the gate: its own scope, and what it asks for in their name. */
const GRANTED = ['mcp:tools', ...SCOPES];

/** Starts it for the gateway at `gate`; `undefined` where this is the package alone. */
export async function openHouse(
  folder: string,
  gate: URL,
  groups: Readonly<Record<string, string>>,
): Promise<House | undefined> {
  const servers = join(packageRoot(), 'dist', 'servers');
  const program = (...path: string[]): string => join(servers, ...path);
  if (!existsSync(program('identity-provider', 'worker.js'))) return undefined;
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const tickets = new URL(`http://127.0.0.1:${await freePort()}/mcp`);
  const secret = randomBytes(18).toString('hex');
  const people = Object.fromEntries(
    Object.entries(groups).map(([name, group]) => [
      name,
      { password: randomBytes(18).toString('hex'), groups: [group] },
    ]),
  );
  const passwordOf = (user: string): string => people[user]?.password ?? '';
  const workerData = {
    issuer,
    resources: { [gate.href]: GRANTED, [tickets.href]: SCOPES },
    people,
    agent: AGENT,
    gateway: { id: GATEWAY, secret, resource: gate.href },
    lifeS: 1800,
  } satisfies IdentityProviderOptions;
  // In this process, but not in its output: the provider tells developers what it would have otherwise.
  const provider = new Worker(program('identity-provider', 'worker.js'), {
    workerData,
    stdout: true,
    stderr: true,
  });
  await once(provider, 'message');

  const metrics = join(folder, 'metrics.db');
  const database = join(folder, 'tickets.db');
  const audit = join(folder, 'tickets-audit.jsonl');
  const run = promisify(execFile);
  await run(process.execPath, [program('metrics', 'seed.js'), metrics]);
  await run(process.execPath, [program('tickets', 'seed.js'), database]);
  const child = spawn(
    process.execPath,
    [
      program('tickets', 'server.js'),
      `--database=${database}`,
      `--audit=${audit}`,
      `--issuer=${issuer}`,
      `--jwks=${issuer}/jwks`,
      `--resource=${tickets.href}`,
      `--actor=${GATEWAY}`,
      `--port=${tickets.port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  const started = await Promise.race([once(child.stderr, 'data'), exited.then(() => undefined)]);
  if (!started) throw new Error('Cannot start the tickets server');

  const verification = { issuer, algorithms: ['EdDSA'], client: { id: GATEWAY, secret } };
  return {
    agent: AGENT,
    tickets,
    identity: { ...verification, requiredScopes: GRANTED },
    owner: {
      ...verification,
      token: `\${${OWNER}}`,
      audience: gate.href,
      jwks: `${issuer}/jwks`,
    },
    servers: {
      metrics: { command: process.execPath, args: [program('metrics', 'server.js'), metrics] },
      hostile: { command: process.execPath, args: [program('hostile', 'server.js'), metrics] },
      tickets: {
        url: tickets.href,
        auth: { exchange: { audience: tickets.href, scopes: SCOPES } },
      },
    },
    browse: async (url, user) => await signIn(url, { user, password: passwordOf(user) }),
    gatewayToken: async () =>
      await askForToken(
        issuer,
        { grant_type: 'client_credentials', resource: tickets.href, scope: SCOPES.join(' ') },
        { id: GATEWAY, secret },
      ),
    token: async (user) =>
      await fetchToken({
        issuer,
        client: AGENT.id,
        redirectUri: AGENT.redirectUri,
        resource: gate.href,
        scope: GRANTED.join(' '),
        user,
        password: passwordOf(user),
      }),
    async audit() {
      const lines = (await readFile(audit, 'utf8')).trim().split('\n');
      return lines.map((line: string): unknown => JSON.parse(line)).filter(isJsonObject);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await Promise.all([exited, provider.terminate()]);
    },
  };
}
