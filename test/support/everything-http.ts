import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import { realServer } from './gate.ts';

export type EverythingHttp = AsyncDisposable & { readonly url: URL };

/** `@modelcontextprotocol/server-everything` over Streamable HTTP on `port`, or on a free one. */
export async function everythingHttp(port?: number): Promise<EverythingHttp> {
  const { command, args } = realServer('everything', 'streamableHttp');
  const chosen = port ?? (await freePort());
  const child = spawn(command, args, {
    env: { ...process.env, PORT: String(chosen) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.includes('listening')) resolve();
    });
    child.once('exit', () => reject(new Error('the server did not start')));
  });
  return {
    url: new URL(`http://127.0.0.1:${chosen}/mcp`),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
