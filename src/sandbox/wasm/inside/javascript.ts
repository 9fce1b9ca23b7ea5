import { atob, btoa, Buffer } from './buffer.ts';
import { createConsole, formatLine } from './console.ts';
import { describeError } from './describe-error.ts';
import { createFiles, WORK } from './files.ts';
import { formatValue } from './format-value.ts';
import { writeAll, type Given, type Guest, type Host } from './host.ts';
import { createModules } from './modules.ts';
import { pathLibrary } from './path-library.ts';
import { bytesOf, decode, TextDecoder, TextEncoder } from './text.ts';
import { createTimers } from './timers.ts';

/** Characters of an uncaught error. */
const MAX_SAID = 16_384;
/** Bytes of a file that leave the engine at once. */
const PIECE = 36_864;

/** What programs ask for and the tier does not have: said, so that a model does not look for another spelling. */
const ABSENT =
  /^'?(fetch|XMLHttpRequest|WebSocket|WebAssembly|Worker|crypto|Intl|URL|__dirname)'? is not defined/u;

/** Runs inside the engine, before the program: gives it what a program for Node mostly expects. */
export function start(host: Host, { stdin, files: given }: Given): Guest {
  const { now } = Date;
  const began = now();
  const timers = createTimers(now);
  const files = createFiles(given, stdin);
  const output = (stream: 1 | 2) => ({
    isTTY: false,
    write(data: unknown) {
      writeAll(host, stream, typeof data === 'string' ? data : decode(bytesOf(data)));
      return true;
    },
  });
  const input = {
    isTTY: false,
    setEncoding: () => input,
    async *[Symbol.asyncIterator]() {
      if (stdin !== '') yield await Promise.resolve(stdin);
    },
    on(event: string, listen: (data?: unknown) => void) {
      if (event === 'data' && stdin !== '') queueMicrotask(() => listen(stdin));
      if (event === 'end' || event === 'close') queueMicrotask(() => queueMicrotask(listen));
      return input;
    },
  };
  const process: Record<string, unknown> = {
    argv: ['node', `${WORK}/main.js`],
    env: {},
    exitCode: undefined,
    platform: 'wasm',
    version: '',
    versions: {},
    stdin: input,
    stdout: output(1),
    stderr: output(2),
    cwd: () => WORK,
    exit: (code: unknown = process['exitCode']) => host.exit(codeOf(code)),
    nextTick: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
      queueMicrotask(() => run(...args)),
    uptime: () => (now() - began) / 1000,
    hrtime: Object.assign(() => split(now() - began), {
      bigint: () => BigInt(now() - began) * 1_000_000n,
    }),
    on: () => process,
  };
  /** The file that is being handed over. */
  let leaving: Uint8Array = new Uint8Array();
  const modules = createModules(host, files, {
    fs: files.fs,
    'fs/promises': files.fs['promises'],
    path: pathLibrary,
    process,
    util: {
      format: (...args: unknown[]) => formatLine(args),
      inspect: (value: unknown) => formatValue(value),
    },
    buffer: { Buffer },
  });
  const module = { exports: {} };
  expose({
    ...timers.globals,
    console: createConsole(host, now),
    process,
    Buffer,
    TextEncoder,
    TextDecoder,
    atob,
    btoa,
    performance: { now: () => now() - began, timeOrigin: began },
    queueMicrotask,
    structuredClone,
    global: globalThis,
    require: modules.require,
    module,
    exports: module.exports,
  });
  return {
    wait: timers.wait,
    tick: timers.tick,
    exitCode: () => codeOf(process['exitCode']),
    moduleSource: modules.source,
    moduleName: modules.name,
    size(path, most) {
      const found = files.bytes(path, most);
      if (!found) return files.isFolder(path) ? -2 : -1;
      leaving = found;
      return Math.min(found.length, most);
    },
    piece: (at) => Buffer.from(leaving.subarray(at, at + PIECE)).toString('base64'),
    describe: (error) => `Uncaught ${describeError(error).slice(0, MAX_SAID)}\n${hint(error)}`,
  };
}

function expose(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

function hint(error: unknown): string {
  const missing = error instanceof Error ? ABSENT.exec(error.message)?.[1] : undefined;
  return missing === undefined
    ? ''
    : `hint: the wasm tier has no ${missing}: it computes, without network or packages\n`;
}

function codeOf(code: unknown): number {
  const number = Number(code ?? 0);
  return Number.isInteger(number) ? number & 0xff : 1;
}

function split(ms: number): [number, number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}

function queueMicrotask(run: () => void): void {
  void (async () => {
    await Promise.resolve();
    try {
      run();
    } catch (error) {
      // It is to end the program, as it does in Node: a rejection would be lost.
      setTimeout(() => {
        throw error;
      }, 0);
    }
  })();
}

function structuredClone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (value instanceof Map)
    return new Map([...value].map(([key, one]) => [structuredClone(key), structuredClone(one)]));
  if (value instanceof Set) return new Set([...value].map(structuredClone));
  if (Array.isArray(value)) return value.map(structuredClone);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, structuredClone(one)]));
}
