import { readFileSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACK, OUT_OF_MEMORY, type Greeting } from '../protocol.ts';
import { loadEngine } from './engine.ts';
import { handOver } from './hand-over.ts';
import { startGuest, Thrown, type GuestCalls } from './guest.ts';
import { readFrame, type Framed } from './read-frame.ts';
import { runProgram } from './run-program.ts';

/**
 * The process of one cell: an engine in WebAssembly, no environment, no file to write, and three pipes. It ends when its
 * stdin ends, so that it never outlives the gateway.
 */
const [inside = '', memory = '', lifeMs = ''] = process.argv.slice(2);
const POLL_MS = 100;
const GONE = 137;
const UNSPEAKABLE = 'Uncaught error that cannot be shown\n';

const deadline = performance.now() + Number(lifeMs);
const engine = await loadEngine(new URL('quickjs.wasm', import.meta.url), Number(memory));
let polled = performance.now();
engine.runtime.setInterruptHandler(() => {
  const now = performance.now();
  if (now - polled < POLL_MS) return false;
  polled = now;
  if (now > deadline || stdinEnded()) process.exit(GONE);
  return false;
});
setTimeout(() => process.exit(GONE), Number(lifeMs)).unref();

const source = readFileSync(new URL(`${inside}.js`, import.meta.url), 'utf8');
const greeting: Greeting = { sees: Object.keys(process.env), permission: 'permission' in process };
writeSync(1, `${JSON.stringify(greeting)}\n`);
await serve(await program());

/** A busy engine keeps Node from hearing the end of stdin, so it is asked. */
function stdinEnded(): boolean {
  try {
    return readSync(0, Buffer.alloc(1)) === 0;
  } catch {
    return false;
  }
}

async function program(): Promise<Framed> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let wanted = 0;
    process.stdin.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      // Trying again with each chunk would be quadratic.
      if (length < wanted) return;
      const framed = readFrame(Buffer.concat(chunks));
      if (typeof framed === 'object') return resolve(framed);
      wanted = framed;
    });
    process.stdin.on('end', () => process.exit(GONE)).on('error', () => process.exit(GONE));
  });
}

async function serve({ token, code, outputs, ...given }: Framed): Promise<never> {
  const mark = (stream: 1 | 2, word: string): void => write(stream, `\u001e${token} ${word}\u001e`);
  let isOver = false;
  const exit = (status: number): never => {
    // A program that ends again while its files are read.
    if (isOver) process.exit(status);
    isOver = true;
    for (const stream of [1, 2] as const) mark(stream, String(status));
    handOver({
      context: engine.context,
      guest,
      wanted: outputs,
      mark: (word) => mark(1, word),
      write: (bytes) => write(1, bytes),
    });
    process.exit(status);
  };
  writeSync(1, ACK);
  const guest = startGuest(engine.context, { source, given, calls: { write, exit } });
  try {
    const hasCome = await runProgram({ ...engine, guest, sleep }, code);
    // A job that found no memory is lost without a word, and what waits for it never comes.
    if (!hasCome && engine.isFull()) process.exit(OUT_OF_MEMORY);
  } catch (error) {
    if (!(error instanceof Thrown)) return exit(lost(error));
    const said = describe(guest, error);
    // An engine without memory for an error throws null.
    const isFull = said === 'Uncaught null\n' && engine.isFull();
    if (isFull || said.startsWith('Uncaught InternalError: out of memory'))
      process.exit(OUT_OF_MEMORY);
    write(2, said);
    exit(1);
  }
  return exit(guest.number('exitCode'));
}

/** Showing an error runs code of the program, which may throw another. */
function describe(guest: GuestCalls, { handle }: Thrown): string {
  try {
    return guest.text('describe', handle) || UNSPEAKABLE;
  } catch (error) {
    if (error instanceof Thrown) return UNSPEAKABLE;
    throw error;
  }
}

/** V8 has ended the engine, mostly for its stack: nothing inside can be asked any more. */
function lost(error: unknown): number {
  write(2, `Uncaught ${String(error)}\n`);
  return 1;
}

/** The pipe may be full, or not of the blocking kind. */
function write(stream: 1 | 2, said: string | Buffer): void {
  const bytes = Buffer.from(said);
  for (let at = 0; at < bytes.length;)
    try {
      at += writeSync(stream, bytes, at);
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
      if (code !== 'EAGAIN') process.exit(GONE);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
}
