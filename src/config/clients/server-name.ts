import { isReserved } from '../reserved.ts';

const MAX = 64;

/** The nearest name that the configuration allows and that is not taken: `My Server` becomes `My-Server`. */
export function serverName(written: string, taken: ReadonlySet<string>): string {
  const nearest =
    written
      .replace(/[^A-Za-z0-9_.-]+/gu, '-')
      .replace(/_{2,}/gu, '_')
      .replace(/^[-_]+|[-_]+$/gu, '')
      .slice(0, MAX - 4)
      .replace(/_+$/u, '') || 'server';
  // No number behind it makes the gateway's own name another's.
  const base = isReserved(`${nearest}-2`) ? 'server' : nearest;
  const free = (name: string): boolean => !taken.has(name) && !isReserved(name);
  if (free(base)) return base;
  for (let count = 2; ; count++) if (free(`${base}-${count}`)) return `${base}-${count}`;
}
