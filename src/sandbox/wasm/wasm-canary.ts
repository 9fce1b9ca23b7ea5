import type { Canary } from '../canary.ts';

/** Says which engine words its errors, and which of a host's globals can be reached. */
const CODE = `const reach = (0, eval)('globalThis').constructor.constructor('return this')();
const host = ['WebAssembly', 'Worker', 'navigator', 'fetch', 'Deno', 'Bun'].filter((name) => name in reach);
const own = Object.getOwnPropertyNames(process.env).concat(Object.keys(process.versions));
let words = '';
try { null.x } catch (error) { words = error.message }
console.log(JSON.stringify([words, host, own, typeof process.binding, typeof process.getBuiltinModule]));`;

/** Node would say "Cannot read properties of null". */
const RIGHT = JSON.stringify([
  "cannot read property 'x' of null",
  [],
  [],
  'undefined',
  'undefined',
]);

/** For cells whose JavaScript is that of QuickJS and has nothing of Node's. */
export const wasmCanary: Canary = {
  language: 'javascript',
  code: CODE,
  read: (stdout) =>
    stdout.trim() === RIGHT
      ? { kernel: 'none, an interpreter in WebAssembly', seccomp: false }
      : undefined,
};
