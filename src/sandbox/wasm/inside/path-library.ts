import { resolvePath, WORK } from './files.ts';

function basename(path: string, end = ''): string {
  const last = path.replace(/\/+$/u, '').split('/').at(-1) ?? '';
  return end !== '' && last !== end && last.endsWith(end) ? last.slice(0, -end.length) : last;
}

function dirname(path: string): string {
  const at = path.replace(/\/+$/u, '').lastIndexOf('/');
  if (at === -1) return '.';
  return at === 0 ? '/' : path.slice(0, at);
}

function extname(path: string): string {
  return /[^.](\.[^.]*)$/u.exec(basename(path))?.[1] ?? '';
}

function normalize(path: string): string {
  if (path.startsWith('/')) return resolvePath(path);
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/') || '.';
}

function join(...parts: string[]): string {
  return normalize(parts.filter((part) => part !== '').join('/') || '.');
}

function relative(from: string, to: string): string {
  const [left, right] = [resolvePath(from), resolvePath(to)].map((one) => one.split('/'));
  if (!left || !right) return '';
  let same = 0;
  while (same < left.length && left[same] === right[same]) same++;
  return [...left.slice(same).map(() => '..'), ...right.slice(same)].join('/');
}

/** The part of `node:path` that programs mostly use, as on Linux. */
export const pathLibrary = {
  sep: '/',
  delimiter: ':',
  basename,
  dirname,
  extname,
  normalize,
  join,
  relative,
  resolve: (...parts: string[]): string => resolvePath(WORK, ...parts),
  isAbsolute: (path: string): boolean => path.startsWith('/'),
};
