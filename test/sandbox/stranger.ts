import { spawn } from 'node:child_process';
import { copyFileSync, lchownSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { withRootfs } from '../../src/sandbox/images.ts';
import { CACHE } from './support.ts';

/** Nobody's number: no account has it. */
const STRANGER = 61_234;
/** Whoever is not root is the stranger already. */
export const isRoot = process.getuid?.() === 0;

type Image = Parameters<typeof withRootfs>[0];

/** A cache of its own, with what takes long to make. */
export async function ownCache(images: readonly Image[] = ['bash', 'python']): Promise<string> {
  const cache = mkdtempSync(join(tmpdir(), 'sallyport-cache-'));
  mkdirSync(join(cache, 'images'));
  for (const image of images) {
    const options = { cache: CACHE, log: () => {} };
    const { file } = await withRootfs(image, options, async (_, rootfs) => await rootfs());
    for (const each of [file, `${file}.sha256`])
      copyFileSync(each, join(cache, 'images', basename(each)));
  }
  return cache;
}

/** Runs an ES module as a user without any rights, whose cache this is; what it says. */
export async function asStranger(
  cache: string,
  module: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  for (const each of ['', ...readdirSync(cache, { recursive: true, encoding: 'utf8' })])
    lchownSync(join(cache, each), STRANGER, STRANGER);
  const identity = [`--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups'];
  const node = [process.execPath, '--input-type=module', '-e', module];
  const child = spawn('setpriv', [...identity, ...node], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HOME: cache, TEST_CACHE: cache, ...env },
  });
  return await text(child.stdout);
}

/** The address of a compiled module beside this one. */
export function modulePath(name: string): string {
  return new URL(`${name}.js`, import.meta.url).href;
}
