import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { Closers } from '../../src/lib/closers.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { AUDIENCE, signingKey, signToken } from '../support/keys.ts';
import { startTokenProxy } from './token-proxy.ts';

/** A way to the fixture. */
export const PAIRINGS = [
  'direct',
  'gate, HTTP to HTTP',
  'gate, HTTP to stdio',
  'gate, HTTP to legacy HTTP',
  'gate, HTTP to legacy stdio',
] as const;
export type Pairing = (typeof PAIRINGS)[number];

export type Way = AsyncDisposable & { readonly url: string };

const ISSUER = 'https://idp.example';
const BUILT = join(packageRoot(), 'dist', 'test', 'conformance');
const FIXTURE = join(BUILT, 'fixture', 'main.js');
const BIN = join(packageRoot(), 'bin', 'sallyport.js');
const ALLOW_ALL = '@id("test.all") permit(principal, action, resource);';

/** Starts the fixture, of both eras unless the pairing says otherwise, and what stands in front of it. */
export async function open(pairing: Pairing): Promise<Way> {
  await using opened = new Closers();
  const env = { FIXTURE_ERA: pairing.includes('legacy') ? 'legacy' : 'both' };
  const url = pairing.endsWith('stdio')
    ? await startGate(opened, { command: process.execPath, args: [FIXTURE, 'stdio'], env })
    : await startFixture(opened, env);
  const through = pairing.endsWith('HTTP') ? await startGate(opened, { url }) : url;
  const owned = opened.move();
  return { url: through, [Symbol.asyncDispose]: async () => await owned[Symbol.asyncDispose]() };
}

/** A gateway in front of this one server, which is the entry of a configuration. */
export async function gateTo(server: object): Promise<Way> {
  await using opened = new Closers();
  const url = await startGate(opened, server);
  const owned = opened.move();
  return { url, [Symbol.asyncDispose]: async () => await owned[Symbol.asyncDispose]() };
}

async function startFixture(opened: Closers, env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [FIXTURE, 'http'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  opened.add(async () => await end(child));
  return await firstLine(child, child.stdout, /^(http\S+)$/u);
}

async function startGate(opened: Closers, server: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-conformance-'));
  opened.add(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const proxy = await startTokenProxy();
  opened.add(async () => await proxy[Symbol.asyncDispose]());
  const key = await signingKey('k1');
  const config = join(folder, 'sallyport.yaml');
  await writeFile(join(folder, 'policy.cedar'), ALLOW_ALL);
  await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys: [key.jwk] }));
  await writeFile(
    config,
    stringify({
      mcpServers: { fixture: server },
      identity: { http: { issuer: ISSUER, audience: AUDIENCE, jwks: './jwks.json' } },
      policy: { path: './policy.cedar' },
      // The suite reaches the gate through the proxy, under the proxy's name.
      http: {
        allowedHosts: [`127.0.0.1:${proxy.port}`],
        allowedOrigins: [`http://127.0.0.1:${proxy.port}`],
      },
      state: { path: './state' },
      audit: { path: './audit' },
    }),
  );
  await accept(folder, config);
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', join(BUILT, 'single-gate.js'), config, '127.0.0.1:0'],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  opened.add(async () => await end(child));
  const url = await firstLine(child, child.stderr, /"url":"([^"]+)".*"msg":"listening"/u);
  proxy.forward(new URL(url), async () => await signToken(key, ISSUER));
  return `http://127.0.0.1:${proxy.port}${new URL(url).pathname}`;
}

/** Accepts everything the fixture offers, and says of it what an owner would who has looked and found it harmless. */
async function accept(folder: string, config: string): Promise<void> {
  const args = [BIN, 'pin', '--accept', 'fixture', '--config', config];
  await promisify(execFile)(process.execPath, args);
  const file = join(folder, 'sallyport.lock.json');
  const lock: unknown = JSON.parse(await readFile(file, 'utf8'), (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'reviewed' in value
      ? { ...value, classes: ['read'], source: [], sink: [], reviewed: true }
      : value,
  );
  await writeFile(file, JSON.stringify(lock));
}

async function firstLine(
  child: ChildProcess,
  stream: NodeJS.ReadableStream,
  shape: RegExp,
): Promise<string> {
  const lines: string[] = [];
  return await new Promise((resolve, reject) => {
    createInterface({ input: stream }).on('line', (line) => {
      const found = shape.exec(line)?.[1];
      if (found !== undefined) resolve(found);
      else if (process.env['CONFORMANCE_LOG']) process.stderr.write(`${line}\n`);
      lines.push(line);
    });
    child.once('exit', () => reject(new Error(`it did not start: ${lines.join('\n')}`)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(late);
}
