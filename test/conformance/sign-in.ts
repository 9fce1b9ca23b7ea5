/** Somebody who signs in to the suite's server as they are told to, with the real command and a browser without windows. */
import { spawn } from 'node:child_process';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLASSES } from '../../src/call.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';

const BIN = join(packageRoot(), 'bin', 'sallyport.js');
/** What the suite expects of a client that has a document about itself. */
const CLIENT_URL = 'https://conformance-test.local/client-metadata.json';
/** Where the metadata is of the whole host, its owner says so. */
const OF_THE_HOST = ['auth/metadata-var2', 'auth/2025-03-26-oauth-metadata-backcompat'];

/** How often somebody does as they are told: who signs in again and again for the same gives up. */
const MOST = 3;

export type SignIn = {
  /** What the owner writes for the server. */
  readonly entry: (about: About) => Promise<object>;
  readonly env: Readonly<Record<string, string>>;
  readonly run: () => Promise<void>;
  /** Whether this answer, or what the gateway logs, says that one should. */
  readonly isWanted: (said: string) => boolean;
};

type About = { readonly scenario: string; readonly url: string; readonly context: unknown };

export function createSignIn(where: { readonly config: string; readonly folder: string }): SignIn {
  let times = 0;
  const env = { SALLYPORT_VAULT_KEY: randomBytes(32).toString('base64') };
  return {
    env,
    async entry({ scenario, url, context }) {
      if (scenario.startsWith('auth/client-credentials'))
        return await ownToken(url, context, where.folder);
      const login: Record<string, unknown> = { clientUrl: CLIENT_URL };
      if (OF_THE_HOST.includes(scenario)) login['resource'] = new URL(url).origin;
      const { client_id: id, client_secret: secret, issuer } = isJsonObject(context) ? context : {};
      if (id !== undefined) login['client'] = { issuer, id, secret };
      return { auth: { login } };
    },
    isWanted: (said) => times < MOST && said.includes('sallyport login suite'),
    async run() {
      times++;
      if (process.env['MCP_CONFORMANCE_SCENARIO']?.startsWith('auth/client-credentials')) return;
      const args = [BIN, 'login', 'suite', '--config', where.config];
      const child = spawn(process.execPath, args, {
        cwd: where.folder,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child.stdout.on('data', (chunk: Buffer) => {
        process.stderr.write(chunk);
        const url = /^ {2}(http\S+)$/mu.exec(chunk.toString())?.[1];
        if (url !== undefined) void fetch(url).then(async (page) => await page.text());
      });
      const [code]: unknown[] = await once(child, 'exit');
      if (code !== 0) throw new Error(`Cannot sign in: exit code ${String(code)}`);
    },
  };
}

/** What the owner writes where the gateway is to come as itself; its key is in a file, as a JWK. */
async function ownToken(url: string, context: unknown, folder: string): Promise<object> {
  const about: unknown = await (
    await fetch(new URL('/.well-known/oauth-protected-resource/mcp', url))
  ).json();
  const issuers = isJsonObject(about) ? about['authorization_servers'] : undefined;
  const {
    client_id: id,
    client_secret: secret,
    private_key_pem: pem,
    signing_algorithm: alg,
  } = isJsonObject(context) ? context : {};
  const key = join(folder, 'client.jwk');
  if (typeof pem === 'string')
    await writeFile(
      key,
      JSON.stringify({ ...createPrivateKey(pem).export({ format: 'jwk' }), alg }),
    );
  const client = typeof pem === 'string' ? { id, key } : { id, secret };
  const issuer: unknown = Array.isArray(issuers) ? issuers[0] : undefined;
  const token = { issuer, client, scopes: ['mcp:basic'] };
  return { auth: { shared: { token, classes: CLASSES } } };
}
