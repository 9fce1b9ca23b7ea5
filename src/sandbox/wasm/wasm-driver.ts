import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Denial } from '../../denial.ts';
import { packageRoot } from '../../lib/package-root.ts';
import { deadline } from '../deadline.ts';
import type { Cell, Driver, OpenOptions, Wish } from '../driver.ts';
import { execute } from '../execute.ts';
import type { Language } from '../languages.ts';
import { wasmCanary } from './wasm-canary.ts';
import { ENVIRONMENT, type Greeting } from './protocol.ts';
import { startChild, type Child } from './start-child.ts';

/** Our own code inside the engine, by language; absent: the tier does not run it. */
const INSIDE: Partial<Record<Language, string>> = { javascript: 'inside-javascript' };

const CLOSED_OFF = JSON.stringify({ sees: ENVIRONMENT, permission: true } satisfies Greeting);

/** No more than a line about itself. */
const GREETING = 400;

/** Cells are processes of their own that run an interpreter in WebAssembly. `newId` names them. */
export function createWasmDriver(newId: () => string): Driver {
  const folder = join(packageRoot(), 'dist', 'program');

  async function open(wish: Wish, { signal, later }: OpenOptions): Promise<Cell> {
    const inside = INSIDE[wish.language];
    if (inside === undefined) throw notHere(wish.language);
    if (!existsSync(join(folder, 'wasm-child.mjs')))
      throw new Denial(
        'sandbox-unavailable',
        'Cannot run the program: the wasm tier is not built',
        {
          hint: `expected wasm-child.mjs in ${folder}: npm run build makes it`,
        },
      );
    const { limits, token, lifeMs } = wish;
    const child = startChild({ folder, inside, memory: limits.memory, lifeMs });
    try {
      check(await deadline(greeting(child), limits.startMs, signal));
    } catch (error) {
      later(child.kill());
      throw error;
    }
    child.attachment.write(Buffer.from(`${token}\n`));
    const memory = { exceeded: new AbortController().signal, close() {} };
    return {
      id: newId(),
      gone: child.gone,
      execute: async (program, options) =>
        await execute({ ...child, token, memory }, program, options),
      destroy: child.kill,
    };
  }

  return {
    tier: 'wasm',
    name: 'QuickJS in WebAssembly',
    canary: wasmCanary,
    open,
    refusal,
    // A cell ends with the gateway that holds its stdin.
    reap: async () => await Promise.resolve(0),
  };
}

function notHere(language: Language): Denial {
  const known = Object.keys(INSIDE).join(' or ');
  return new Denial(
    'sandbox-unavailable',
    `Cannot run the program: no ${language} in the wasm tier`,
    {
      hint: `write it in ${known}, or install Docker and gVisor for the gvisor tier`,
    },
  );
}

async function greeting({ attachment }: Child): Promise<string> {
  return await new Promise((resolve, reject) => {
    let said = '';
    attachment.listen({
      chunk(_, chunk) {
        said += chunk.toString('latin1', 0, GREETING - said.length);
        if (said.includes('\n') || said.length === GREETING) resolve(said.split('\n')[0] ?? '');
      },
      end: () => reject(new Error(`the process ended before it began ${said}`.trimEnd())),
    });
  });
}

/** The process says what it sees; one that sees more than it should gets no program. */
function check(said: string): void {
  if (said !== CLOSED_OFF) throw new Error(`its process is not closed off: ${said}`);
}

function refusal(error: unknown): Denial {
  if (error instanceof Denial) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new Denial('sandbox-failed', `Cannot run the program: the sandbox failed: ${why}`, {
    cause: error,
  });
}
