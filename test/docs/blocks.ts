import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';

export const ROOT = packageRoot();
export const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The fenced blocks of the README in this language, in order. */
export function blocks(language: string): string[] {
  return fenced(README, language);
}

/** The same of another page. */
export function blocksOf(page: string, language: string): string[] {
  return fenced(readFileSync(join(ROOT, page), 'utf8'), language);
}

function fenced(page: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gmu');
  return [...page.matchAll(fence)].map(([, text = '']) => text);
}
