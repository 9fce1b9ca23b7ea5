import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { isJsonObject } from '../../src/lib/json.ts';
import { BIN } from './gate.ts';
import type { HeapUse } from './heap-probe.ts';
import { AUDIENCE, signingKey, signToken } from './keys.ts';
import { scratch, type Context } from './scratch.ts';

const ISSUER = 'https://idp.example';

export type HttpGate = {
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  readonly config: string;
  /** An access token of the issuer's; `claims` go over Alice's. */
  token(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  stderr(): string;
  /** How much of its heap is in use, after a collection where one is wanted. Only with `probed`. */
  heap(collect: boolean): Promise<HeapUse>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
};

export type HttpGateSetting = {
  readonly servers: Record<string, object>;
  /** Cedar text. */
  readonly policy: string;
  /** More keys of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The text of the lock file; absent: there is none yet. */
  readonly lock?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of its log; absent: info. */
  readonly logLevel?: string;
  /** It tells of its heap. */
  readonly probed?: boolean;
};

const PROBE = ['--expose-gc', '--import', new URL('heap-probe.js', import.meta.url).href];

/** A real gateway over HTTP on a free port, behind real tokens. */
export async function startHttpGate(context: Context, setting: HttpGateSetting): Promise<HttpGate> {
  const folder = await scratch(context);
  const config = join(folder, 'sallyport.yaml');
  const key = await signingKey('k1');
  await writeFile(join(folder, 'policy.cedar'), setting.policy);
  if (setting.lock !== undefined)
    await writeFile(join(folder, 'sallyport.lock.json'), setting.lock);
  await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys: [key.jwk] }));
  await writeFile(
    config,
    stringify({
      mcpServers: setting.servers,
      identity: { http: { issuer: ISSUER, audience: AUDIENCE, jwks: './jwks.json' } },
      policy: { path: './policy.cedar' },
      catalogue: { onNew: 'pin' },
      state: { path: './state' },
      audit: { path: './audit' },
      ...setting.config,
    }),
  );
  const child = spawn(
    process.execPath,
    [
      ...(setting.probed === true ? PROBE : []),
      BIN,
      'serve',
      '--http',
      '127.0.0.1:0',
      '--config',
      config,
      ...(setting.logLevel === undefined ? [] : ['--log-level', setting.logLevel]),
    ],
    {
      cwd: folder,
      env: { ...process.env, ...setting.env },
      stdio: ['ignore', 'ignore', 'pipe', ...(setting.probed === true ? (['ipc'] as const) : [])],
    },
  );
  const { stderr } = child;
  if (stderr === null) throw new TypeError('Cannot read what the gateway says');
  const exited = once(child, 'exit');
  let errors = '';
  async function stop(): Promise<number | null> {
    child.kill('SIGTERM');
    const [code]: unknown[] = await exited;
    return typeof code === 'number' ? code : null;
  }
  context.after(stop);
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: stderr })
      .on('line', (line) => {
        errors += `${line}\n`;
        const found = /"url":"([^"]+)".*"msg":"listening"/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      })
      .on('close', () => reject(new Error(`the gateway did not start: ${errors}`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    folder,
    config,
    token: async (claims) => await signToken(key, ISSUER, claims),
    stderr: () => errors,
    async heap(collect) {
      const told = once(child, 'message', { signal: AbortSignal.timeout(30_000) });
      child.send({ collect });
      const [use]: unknown[] = await told;
      if (!isJsonObject(use)) throw new TypeError('Cannot ask for the heap: there is no probe');
      return { used: Number(use['used']), total: Number(use['total']) };
    },
    stop,
  };
}
