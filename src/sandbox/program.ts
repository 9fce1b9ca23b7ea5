import { Denial } from '../denial.ts';
import type { Language } from './languages.ts';
import type { Limits } from './limits.ts';

/** One program to run, once. */
export type Program = {
  readonly language: Language;
  readonly code: string;
  readonly stdin?: string;
  /** Relative path → text, laid into the working folder before the program starts. */
  readonly files?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
};

type Part = { readonly path: string; readonly bytes: Buffer };

/** A path as the supervisor reads it: one line, relative, no step up, nothing hidden in control characters. */
const PATH = /^(?!-)[^\p{Cc}\p{Cs}\\]+$/u;
const MAX_PATH = 240;
const MAX_DEPTH = 8;

/**
 * Checks a program and writes it as the bytes that `supervise.sh` reads. Throws `arguments-invalid` or `too-large`;
 * nothing has been started by then.
 */
export function frame(program: Program, token: string, limits: Limits): Buffer {
  const { code, stdin = '', files = {}, timeoutMs } = program;
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > limits.timeoutMs)
    throw new Denial(
      'arguments-invalid',
      `Cannot run the program: the time limit must be 1 to ${limits.timeoutMs} milliseconds`,
    );
  checkSize('code', Buffer.byteLength(code), limits.code);
  checkSize('stdin', Buffer.byteLength(stdin), limits.stdin);
  const parts = Object.entries(files).map(([path, text]) => part(path, text));
  checkSize('number of files', parts.length, limits.fileCount);
  checkSize('files', sum(parts), limits.files);
  checkTree(parts.map(({ path }) => path));
  const bytes = { code: Buffer.from(code), stdin: Buffer.from(stdin) };
  return Buffer.concat([
    Buffer.from(`${token} ${parts.length} ${bytes.code.length} ${bytes.stdin.length}\n`),
    ...parts.flatMap(({ path, bytes: own }) => [Buffer.from(`${path}\n${own.length}\n`), own]),
    bytes.code,
    bytes.stdin,
  ]);
}

function part(path: string, text: string): Part {
  const steps = path.split('/');
  const fine =
    PATH.test(path) &&
    Buffer.byteLength(path) <= MAX_PATH &&
    steps.length <= MAX_DEPTH &&
    steps.every((step) => step !== '' && step !== '.' && step !== '..');
  if (!fine)
    throw new Denial(
      'arguments-invalid',
      `Cannot run the program: ${JSON.stringify(path.slice(0, MAX_PATH))} is not a path inside the working folder`,
      { hint: 'name files like data.csv or folder/data.csv' },
    );
  return { path, bytes: Buffer.from(text) };
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, { bytes }) => total + bytes.length, 0);
}

/** `a` and `a/b` cannot both be files. */
function checkTree(paths: readonly string[]): void {
  const all = new Set(paths);
  for (const path of paths)
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      if (all.has(path.slice(0, at)))
        throw new Denial(
          'arguments-invalid',
          `Cannot run the program: ${JSON.stringify(path.slice(0, at))} is both a file and a folder`,
        );
}

function checkSize(what: string, size: number, limit: number): void {
  if (size > limit)
    throw new Denial(
      'too-large',
      `Cannot run the program: ${what}: ${size}, the limit is ${limit}`,
    );
}
