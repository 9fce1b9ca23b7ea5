import { Denial } from '../denial.ts';
import { request } from './handover.ts';
import type { Language } from './languages.ts';
import type { Limits } from './limits.ts';

/** One program to run, once. */
export type Program = {
  readonly language: Language;
  readonly code: string;
  readonly stdin?: string;
  /** Relative path → text, laid into the working folder before the program starts. */
  readonly files?: Readonly<Record<string, string>>;
  /** Relative paths of files to hand over after the program's end. */
  readonly outputs?: readonly string[];
  readonly timeoutMs: number;
};

/** A path as the supervisor reads it: one line, relative, no step up, nothing hidden in control characters. */
const PATH = /^(?!-)[^\p{Cc}\p{Cs}\\]+$/u;
const MAX_PATH = 240;
const MAX_DEPTH = 8;

/** Throws `arguments-invalid` or `too-large`; nothing has been started by then. */
export function checkProgram(program: Program, limits: Limits): void {
  const { code, stdin = '', files = {}, outputs = [], timeoutMs } = program;
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > limits.timeoutMs)
    throw new Denial(
      'arguments-invalid',
      `Cannot run the program: the time limit must be 1 to ${limits.timeoutMs} milliseconds`,
    );
  checkSize('code', Buffer.byteLength(code), limits.code);
  checkSize('stdin', Buffer.byteLength(stdin), limits.stdin);
  const paths = Object.keys(files);
  for (const path of paths) checkPath(path);
  checkSize('number of files', paths.length, limits.fileCount);
  const size = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  checkSize('files', size, limits.files);
  checkTree(paths);
  for (const path of outputs) checkPath(path);
  checkSize('number of outputs', outputs.length, limits.outputCount);
}

/**
 * A checked program as the bytes that the hook of its language reads (`sandbox-images/hooks`), then what the supervisor
 * reads after its end: which files to hand over, of `outputFiles` bytes at most.
 */
export function frame(
  { language, code, stdin = '', files = {}, outputs = [] }: Program,
  outputFiles: number,
): Buffer {
  const encode = ENCODE[language];
  const bytes = { code: encode(code), stdin: encode(stdin) };
  const parts = Object.entries(files).map(([path, text]) => ({ path, own: encode(text) }));
  return Buffer.concat([
    Buffer.from(`${parts.length} ${bytes.code.length} ${bytes.stdin.length}\n`),
    ...parts.flatMap(({ path, own }) => [Buffer.from(`${path}\n${own.length}\n`), own]),
    bytes.code,
    bytes.stdin,
    request(outputs, outputFiles),
  ]);
}

const plain = (text: string): Buffer => Buffer.from(text);

const ENCODE = {
  python: plain,
  javascript: plain,
  // No variable of bash holds NUL. Its hook hands the bytes to printf's %b.
  bash: (text) => Buffer.from(text.replaceAll('\\', '\\\\').replaceAll('\0', '\\0000')),
} as const satisfies Record<Language, (text: string) => Buffer>;

/** Throws `arguments-invalid`. */
export function checkPath(path: string): void {
  const steps = path.split('/');
  const fine =
    PATH.test(path) &&
    // In JSON it would be a key that nobody may write.
    path !== '__proto__' &&
    Buffer.byteLength(path) <= MAX_PATH &&
    steps.length <= MAX_DEPTH &&
    steps.every((step) => step !== '' && step !== '.' && step !== '..');
  if (!fine)
    throw new Denial(
      'arguments-invalid',
      `Cannot run the program: ${JSON.stringify(path.slice(0, MAX_PATH))} is not a path inside the working folder`,
      { hint: 'name files like data.csv or folder/data.csv' },
    );
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
