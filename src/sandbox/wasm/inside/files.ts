import { Buffer } from './buffer.ts';
import { bytesOf, decode, encode } from './text.ts';

export const WORK = '/work';

/** A path from the root, without `.` and `..`; none is above the root. */
export function resolvePath(...parts: readonly string[]): string {
  const steps: string[] = [];
  const from = parts.findLastIndex((part) => part.startsWith('/'));
  const whole = from === -1 ? [WORK, ...parts] : parts.slice(from);
  for (const step of whole.join('/').split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}

function failure(code: string, what: string, path: string): Error {
  const call = what.split(' ')[0] ?? what;
  const why = { ENOENT: 'no such file or directory', EISDIR: 'illegal operation on a directory', EEXIST: 'file already exists', ENOTDIR: 'not a directory' }[code] ?? code; // prettier-ignore
  return Object.assign(new Error(`${code}: ${why}, ${call} '${path}'`), {
    code,
    path,
    syscall: call,
  });
}

type Stat = { isFile(): boolean; isDirectory(): boolean; readonly size: number };
type Options = string | { readonly encoding?: string | null } | null | undefined;

function encodingOf(options: Options): string | undefined {
  return (typeof options === 'object' ? options?.encoding : options) ?? undefined;
}

function parent(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** Files in memory, with the calls of `node:fs` that programs mostly use. They end with the program. */
export type Files = {
  readonly fs: Readonly<Record<string, unknown>>;
  readonly read: (path: string) => string | undefined;
  /** The first bytes, as many as characters fit `most`. */
  readonly bytes: (path: string, most: number) => Uint8Array | undefined;
  readonly isFolder: (path: string) => boolean;
};

export function createFiles(given: Readonly<Record<string, string>>, stdin: string): Files {
  const files = new Map<string, string | Uint8Array>();
  const folders = new Set(['/', WORK, '/tmp']);
  let unread = stdin;
  for (const [path, text] of Object.entries(given)) {
    const place = resolvePath(path);
    addFolders(parent(place));
    files.set(place, text);
  }

  function addFolders(path: string): void {
    folders.add(path);
    if (path !== '/') addFolders(parent(path));
  }

  /** Descriptor 0 and the usual paths are the program's stdin, once. */
  function take(path: unknown): string | Uint8Array {
    if (path === 0 || path === '/dev/stdin') {
      const rest = unread;
      unread = '';
      return rest;
    }
    const place = resolvePath(String(path));
    const found = files.get(place);
    if (found !== undefined) return found;
    throw failure(folders.has(place) ? 'EISDIR' : 'ENOENT', 'open', String(path));
  }

  function readFileSync(path: unknown, options?: Options): unknown {
    const found = take(path);
    const encoding = encodingOf(options);
    if (encoding === undefined)
      return Buffer.from(typeof found === 'string' ? encode(found) : found);
    if (/^utf-?8$/iu.test(encoding)) return typeof found === 'string' ? found : decode(found);
    return Buffer.from(typeof found === 'string' ? encode(found) : found).toString(encoding);
  }

  function writeFileSync(path: unknown, data: unknown): void {
    const place = resolvePath(String(path));
    if (folders.has(place)) throw failure('EISDIR', 'open', String(path));
    if (!folders.has(parent(place))) throw failure('ENOENT', 'open', String(path));
    files.set(place, typeof data === 'string' ? data : Uint8Array.from(bytesOf(data)));
  }

  function appendFileSync(path: unknown, data: unknown): void {
    const before = files.get(resolvePath(String(path))) ?? '';
    const both = [before, data].map((one) =>
      typeof one === 'string' ? encode(one) : bytesOf(one),
    );
    const isText = typeof before === 'string' && typeof data === 'string';
    writeFileSync(path, isText ? before + data : Buffer.concat(both));
  }

  function readdirSync(path: unknown): string[] {
    const place = resolvePath(String(path));
    if (!folders.has(place))
      throw failure(files.has(place) ? 'ENOTDIR' : 'ENOENT', 'scandir', String(path));
    const start = place === '/' ? '/' : `${place}/`;
    const names = [...files.keys(), ...folders]
      .filter((one) => one.startsWith(start) && one !== start)
      .map((one) => one.slice(start.length).split('/')[0] ?? '');
    return [...new Set(names)].toSorted();
  }

  function mkdirSync(path: unknown, options?: { readonly recursive?: boolean }): void {
    const place = resolvePath(String(path));
    if (options?.recursive) return addFolders(place);
    if (folders.has(place) || files.has(place)) throw failure('EEXIST', 'mkdir', String(path));
    if (!folders.has(parent(place))) throw failure('ENOENT', 'mkdir', String(path));
    folders.add(place);
  }

  function unlinkSync(path: unknown): void {
    if (!files.delete(resolvePath(String(path)))) throw failure('ENOENT', 'unlink', String(path));
  }

  function rmSync(path: unknown, options?: { readonly force?: boolean }): void {
    const place = resolvePath(String(path));
    const isBelow = (one: string): boolean => one === place || one.startsWith(`${place}/`);
    const gone = [...files.keys(), ...folders].filter(isBelow);
    if (gone.length === 0 && !options?.force) throw failure('ENOENT', 'rm', String(path));
    for (const one of gone) {
      files.delete(one);
      folders.delete(one);
    }
  }

  function existsSync(path: unknown): boolean {
    const place = resolvePath(String(path));
    return files.has(place) || folders.has(place);
  }

  function statSync(path: unknown): Stat {
    const place = resolvePath(String(path));
    const found = files.get(place);
    if (found === undefined && !folders.has(place)) throw failure('ENOENT', 'stat', String(path));
    return {
      isFile: () => found !== undefined,
      isDirectory: () => found === undefined,
      size: typeof found === 'string' ? encode(found).length : (found?.length ?? 0),
    };
  }

  const calls: Readonly<Record<string, (path: unknown, more?: never) => unknown>> = {
    readFileSync, writeFileSync, appendFileSync, readdirSync, mkdirSync, unlinkSync, rmSync, statSync,
  }; // prettier-ignore
  const promises = Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name.replace('Sync', ''),
      async (...args: [unknown, never?]) => await Promise.resolve(call(...args)),
    ]),
  );
  return {
    fs: { ...calls, existsSync, promises },
    read(path) {
      const found = files.get(path);
      return typeof found === 'object' ? decode(found) : found;
    },
    bytes(path, most) {
      const found = files.get(resolvePath(path));
      return typeof found === 'string' ? encode(found.slice(0, most)) : found;
    },
    isFolder: (path) => folders.has(resolvePath(path)),
  };
}
