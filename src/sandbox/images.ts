import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { Denial } from '../denial.ts';
import { withFileMutex } from '../lib/file-mutex.ts';
import { packageRoot } from '../lib/package-root.ts';
import { buildFolder, importTar, type Progress } from './build-image.ts';
import { ownCache } from './cache-folder.ts';
import { LANGUAGES, type Language } from './languages.ts';
import { findOwn, inspect } from './own-image.ts';
import { buildRootfs, canBuildRootfs, RootfsError, type Rootfs } from './rootfs.ts';
import { startFault } from './start-faults.ts';

export type ImagesOptions = {
  /** The owner's own images, pinned (`name@sha256:…`) or not. They are used as they are, never built. */
  readonly own: Readonly<Partial<Record<Language, string>>>;
  /** Tag of the images that are built here. */
  readonly version: string;
  /** Folder for what takes long to make. */
  readonly cache: string;
  readonly log: (message: string) => void;
  readonly progress?: Progress;
};

/** The digest of an image that has what the language needs; builds it where it is missing. */
export type EnsureImage = (docker: Docker, language: Language) => Promise<string>;

const FOLDER = join(packageRoot(), 'sandbox-images');
/** Another process may be building it. */
const BUILDING = { now: Date.now, deadline: 10 * 60_000, poll: 200 };
const RECIPE = 'dev.sallyport.recipe';
const ROOTFS = 'dev.sallyport.rootfs';
/** What Docker calls the processors that Node names otherwise. */
const ARCH: Readonly<Record<string, string>> = { x64: 'amd64' };

type Image = (typeof LANGUAGES)[Language]['image'];

/** Debian packages of each image; Node itself is the binary that runs this program. */
const PACKAGES = {
  python: ['python3-minimal', 'libpython3-stdlib', 'bash', 'dash', 'coreutils'],
  node: ['libc6', 'libstdc++6', 'libgcc-s1', 'bash', 'dash', 'coreutils'],
  bash: [
    'bash',
    'dash',
    'coreutils',
    'grep',
    'sed',
    'mawk',
    'findutils',
    'diffutils',
    'curl',
    'socat',
  ],
} as const satisfies Record<Image, readonly string[]>;

export function createEnsureImage(options: ImagesOptions): EnsureImage {
  const building = new Map<Language, Promise<string>>();

  return async function ensureImage(docker, language) {
    const own = options.own[language];
    if (own !== undefined) {
      const found = await findOwn(docker, own);
      if (found) return found.id;
      throw missing(own, `pull or build ${own}, or take it out of the configuration`);
    }
    const known = building.get(language) ?? ensureOurs(docker, language, options);
    building.set(language, known);
    try {
      return await known;
    } finally {
      building.delete(language);
    }
  };
}

/**
 * The image that a program in this language would run in; `id` is undefined where there is none yet. Throws as
 * `EnsureImage` does for one that is not the pinned one.
 */
export async function findImage(
  docker: Docker,
  language: Language,
  options: Pick<ImagesOptions, 'own' | 'version'>,
): Promise<{ readonly name: string; readonly id: string | undefined }> {
  const own = options.own[language];
  if (own !== undefined) return { name: own, id: (await findOwn(docker, own))?.id };
  const { image } = LANGUAGES[language];
  const name = tagOf(image, options);
  return { name, id: await findOurs(docker, name, await recipeOf(image)) };
}

function tagOf(image: string, { version }: Pick<ImagesOptions, 'version'>): string {
  return `sallyport/${image}:${version}`;
}

async function findOurs(docker: Docker, tag: string, recipe: string): Promise<string | undefined> {
  const found = await inspect(docker, tag);
  return found?.labels[RECIPE] === recipe ? found.id : undefined;
}

async function ensureOurs(
  docker: Docker,
  language: Language,
  options: ImagesOptions,
): Promise<string> {
  const { image } = LANGUAGES[language];
  const tag = tagOf(image, options);
  const recipe = await recipeOf(image);
  const find = async (): Promise<string | undefined> => await findOurs(docker, tag, recipe);
  try {
    return (
      (await find()) ??
      // Another process may have built it while we waited.
      (await withFileMutex(
        lockOf(image, recipe, options.cache),
        BUILDING,
        async () => (await find()) ?? (await make(docker, { image, tag, recipe }, options)),
      ))
    );
  } catch (cause) {
    if (cause instanceof Denial) throw cause;
    const build = `docker build -t ${tag} ${join(FOLDER, image)}`;
    throw missing(
      tag,
      cause instanceof RootfsError
        ? `see that apt-get can download on this machine (apt-get update); or where there is a registry: ${build}, and sandbox.images.${language}: ${tag}`
        : `build it yourself: ${build}, or name your own image under sandbox.images`,
      cause,
    );
  }
}

type Wanted = { readonly image: Image; readonly tag: string; readonly recipe: string };

async function make(
  docker: Docker,
  { image, tag, recipe }: Wanted,
  { cache, log, progress = () => {} }: ImagesOptions,
): Promise<string> {
  log(`building the image ${tag}, once`);
  const wish = { t: tag, labels: { [RECIPE]: recipe } };
  const folder = join(FOLDER, image);
  const { Arch: arch } = await docker.version();
  // Packages of this machine are of no use on another processor.
  if (!canBuildRootfs() || arch !== (ARCH[process.arch] ?? process.arch))
    return await buildFolder(docker, folder, wish, progress);
  const short = recipe.slice(0, 16);
  const rootfs = await makeRootfs(image, recipe, { cache, log, progress });
  log(`loading ${rootfs.file}`);
  const base = await importTar(docker, rootfs, `sallyport/${image}-rootfs:${short}`, progress);
  const labels = { ...wish.labels, [ROOTFS]: rootfs.digest };
  const id = await buildFolder(docker, folder, { ...wish, labels, base }, progress);
  log(`built ${tag}`);
  return id;
}

async function makeRootfs(
  image: Image,
  recipe: string,
  { cache, log, progress }: Pick<ImagesOptions, 'cache' | 'log' | 'progress'>,
): Promise<Rootfs> {
  return await buildRootfs({
    name: `${image}-${recipe.slice(0, 16)}`,
    packages: PACKAGES[image],
    ...(image === 'node' ? { node: await realpath(process.execPath) } : {}),
    script: join(FOLDER, 'rootfs.sh'),
    cache,
    log,
    ...(progress && { progress }),
  });
}

/** Runs `use` with the root file system of our image, made where it is missing, while no other process makes it. */
export async function withRootfs<T>(
  image: Image,
  { cache, log }: Pick<ImagesOptions, 'cache' | 'log'>,
  use: (name: string, rootfs: () => Promise<Rootfs>) => Promise<T>,
): Promise<T> {
  const recipe = await recipeOf(image);
  return await withFileMutex(
    lockOf(image, recipe, cache),
    BUILDING,
    async () =>
      await use(
        `${image}-${recipe.slice(0, 16)}`,
        async () => await makeRootfs(image, recipe, { cache, log }),
      ),
  );
}

function lockOf(image: Image, recipe: string, cache: string): string {
  return join(ownCache(join(cache, 'images')), `${image}-${recipe.slice(0, 16)}.lock`);
}

/** What goes into an image, as a digest: another recipe is another image under the same tag. */
async function recipeOf(image: Image): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [join(FOLDER, 'rootfs.sh'), join(FOLDER, image, 'Dockerfile')])
    hash.update(await readFile(file)).update('\0');
  hash.update(`${PACKAGES[image].join(' ')} ${process.arch}`);
  if (image === 'node') hash.update(process.version);
  return hash.digest('hex');
}

function missing(image: string, hint: string, cause?: unknown): Denial {
  const known = startFault(cause, { runtime: '', kernel: '', folder: '' });
  if (known && !(cause instanceof RootfsError)) return known;
  const why = cause instanceof Error ? ` (${cause.message.split('\n')[0]})` : '';
  return new Denial(
    'sandbox-unavailable',
    `Cannot run the program: there is no image ${image}${why}`,
    { hint, cause },
  );
}
