import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import { realServer } from './gate.ts';

export type EverythingHttp = AsyncDisposable & { readonly url: URL };

const TRIES = 5;

/** `@modelcontextprotocol/server-everything` over Streamable HTTP on `port`, or on a free one. */
export async function everythingHttp(port?: number, tries = TRIES): Promise<EverythingHttp> {
  try {
    return await start(port ?? (await freePort()));
  } catch (error) {
    // It wants its port named, and anybody may have taken that meanwhile.
    if (tries === 1) throw error;
    return await everythingHttp(port, tries - 1);
  }
}

async function start(chosen: number): Promise<EverythingHttp> {
  const { command, args } = realServer('everything', 'streamableHttp');
  const child = spawn(command, args, {
    env: { ...process.env, PORT: String(chosen) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('listening')) resolve();
    });
    child.once('exit', () => reject(new Error(`the server did not start: ${said}`)));
  });
  return {
    url: new URL(`http://127.0.0.1:${chosen}/mcp`),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
