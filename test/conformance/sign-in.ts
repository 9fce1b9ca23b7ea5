/** Somebody who signs in to the suite's server as they are told to, with the real command and a browser without windows. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { isJsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';

const BIN = join(packageRoot(), 'bin', 'sallyport.js');
/** What the suite expects of a client that has a document about itself. */
const CLIENT_URL = 'https://conformance-test.local/client-metadata.json';
/** Where the metadata is of the whole host, its owner says so. */
const OF_THE_HOST = ['auth/metadata-var2', 'auth/2025-03-26-oauth-metadata-backcompat'];

export type SignIn = {
  /** What the owner writes for the server. */
  readonly entry: (about: { scenario: string; url: string; context: unknown }) => object;
  readonly env: Readonly<Record<string, string>>;
  readonly run: () => Promise<void>;
  /** Whether this answer, or what the gateway logs, says that one should. */
  readonly isWanted: (said: string) => boolean;
};

export function createSignIn(where: { readonly config: string; readonly folder: string }): SignIn {
  const env = { SALLYPORT_VAULT_KEY: randomBytes(32).toString('base64') };
  return {
    env,
    entry({ scenario, url, context }) {
      const login: Record<string, unknown> = { clientUrl: CLIENT_URL };
      if (OF_THE_HOST.includes(scenario)) login['resource'] = new URL(url).origin;
      const { client_id: id, client_secret: secret, issuer } = isJsonObject(context) ? context : {};
      if (id !== undefined) login['client'] = { issuer, id, secret };
      return { auth: { login } };
    },
    isWanted: (said) => said.includes('sallyport login suite'),
    async run() {
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
