import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Denial } from '../../denial.ts';
import { withFileMutex } from '../../lib/file-mutex.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../lib/json.ts';
import { createPrivateFile, makePrivateFolder, readPrivateFile } from '../../state/private-file.ts';
import { ownCache } from '../cache-folder.ts';
import { readLock } from './lock.ts';
import { CHOOSE, npm, NPM_MS, UNPACK } from './npm.ts';
import type { PackageCommand } from './npx.ts';

export type PackagesOptions = {
  /** Where the versions are pinned: a folder of the state. */
  readonly pins: string;
  /** Where the packages themselves are; may be deleted at any time. */
  readonly cache: string;
  /** npm's environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: (message: string) => void;
};

export type Prepared = {
  /** Holds `node_modules`; to be mounted read-only. */
  readonly folder: string;
  /** The file to run, relative to it. */
  readonly entry: string;
  readonly version: string;
  /** Digest that the registry gave; npm has compared. */
  readonly integrity: string;
};

const PREPARING = { now: Date.now, deadline: 2 * NPM_MS, poll: 200 };
const MANIFEST = { maxBytes: 32 * 1024 * 1024, maxDepth: 64 } as const;

/**
 * Installs a package once, on this side of the sandbox, without running anything of it: install scripts and git are off.
 * What was installed first is pinned with the digests of everything it needs, and is what later starts get. Throws
 * `sandbox-unavailable`.
 */
export async function preparePackage(
  wanted: PackageCommand,
  { pins, cache, env, log }: PackagesOptions,
): Promise<Prepared> {
  const { name, version: range } = wanted;
  const spec = range === undefined ? name : `${name}@${range}`;
  const key = `${name.replaceAll(/[^\w.-]/gu, '_')}-${sha256(`${spec} ${process.platform} ${process.arch}`)}`;
  const pinFile = join(pins, `${key}.json`);
  const parent = ownCache(join(cache, 'packages'));
  const readPin = (): string | undefined =>
    existsSync(pinFile) ? readPrivateFile(pinFile) : undefined;
  const folderOf = (pin: string): string => join(parent, `${key}-${sha256(pin)}`);
  try {
    const ready = readPin();
    if (ready !== undefined && existsSync(folderOf(ready)))
      return await look(wanted, folderOf(ready), ready);
    return await withFileMutex(join(parent, `${key}.lock`), PREPARING, async () => {
      // Another process may have done it while we waited.
      const pinned = readPin();
      if (pinned !== undefined && existsSync(folderOf(pinned)))
        return await look(wanted, folderOf(pinned), pinned);
      log(`installing ${spec} for the sandbox, once, without its install scripts`);
      const draft = await mkdtemp(join(parent, 'draft-'));
      try {
        const pin = await install(spec, draft, pinned, env);
        await chmod(draft, 0o755);
        await look(wanted, draft, pin);
        if (pinned === undefined) {
          makePrivateFolder(pins);
          createPrivateFile(pinFile, pin);
        }
        // The same versions may be there for another state.
        if (!existsSync(folderOf(pin))) await rename(draft, folderOf(pin));
        return await look(wanted, folderOf(pin), pin);
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
    });
  } catch (cause) {
    if (cause instanceof Denial) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Denial('sandbox-unavailable', `Cannot prepare ${spec} for the sandbox: ${why}`, {
      hint: `can npm install ${spec} on this machine? Or name an image of your own that has it`,
      cause,
    });
  }
}

/** Resolves to the text of npm's lock file. */
async function install(
  spec: string,
  folder: string,
  pin: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const root = pin === undefined ? {} : member(readLock(pin), '');
  const manifest = { name: 'inside', private: true, dependencies: root['dependencies'] };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const lock = join(folder, 'package-lock.json');
  if (pin === undefined) await npm([...CHOOSE, spec], folder, env);
  else await writeFile(lock, pin);
  const chosen = await readFile(lock, 'utf8');
  // Before anything of it is unpacked.
  readLock(chosen);
  await npm(UNPACK, folder, env);
  return chosen;
}

async function look(
  { name, bin: wanted }: PackageCommand,
  folder: string,
  pin: string,
): Promise<Prepared> {
  const own = posix.join('node_modules', name);
  const manifest = parse(await readFile(join(folder, own, 'package.json')));
  const { bin } = manifest;
  const version = textOf(manifest['version']);
  const short = name.split('/').at(-1) ?? name;
  const bins: JsonObject = isJsonObject(bin)
    ? bin
    : typeof bin === 'string'
      ? { [short]: bin }
      : {};
  // As npx chooses (npm exec, "if the package has a single entry in its bin field").
  const file =
    bins[wanted ?? (Object.keys(bins).length === 1 ? (Object.keys(bins)[0] ?? '') : short)];
  if (typeof file !== 'string')
    throw new Error(`${name} ${version} has no command${wanted === undefined ? '' : ` ${wanted}`}`);
  const entry = posix.join(own, file);
  if (!entry.startsWith(`${own}/`)) throw new Error(`${name} ${version} runs what is not its own`);
  const [line = ''] = (await readFile(join(folder, entry), 'utf8')).split('\n', 1);
  if (line.startsWith('#!') && !/\bnode\b/u.test(line))
    throw new Error(`${name} ${version} is no program for Node (${line.slice(0, 80)})`);
  const { integrity } = member(readLock(pin), own);
  return { folder, entry, version, integrity: textOf(integrity) };
}

function parse(text: string | Uint8Array): JsonObject {
  const value = parseJson(typeof text === 'string' ? Buffer.from(text) : text, MANIFEST);
  if (!isJsonObject(value)) throw new Error('npm wrote no object');
  return value;
}

function member(value: JsonObject, name: string): JsonObject {
  const inner = value[name];
  return isJsonObject(inner) ? inner : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
