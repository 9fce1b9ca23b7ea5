import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { Denial } from '../denial.ts';
import { packageRoot } from '../lib/package-root.ts';
import { withFileLock } from './file-lock.ts';
import { LANGUAGES, type Language } from './languages.ts';
import { status } from './remove.ts';
import { buildRootfs, canBuildRootfs } from './rootfs.ts';

export type ImagesOptions = {
  /** The owner's own images. They are used as they are, never built. */
  readonly own: Readonly<Partial<Record<Language, string>>>;
  /** Tag of the images that are built here. */
  readonly version: string;
  /** Folder for what takes long to make. */
  readonly cache: string;
  readonly log: (message: string) => void;
};

/** The digest of an image that has what the language needs; builds it where it is missing. */
export type EnsureImage = (docker: Docker, language: Language) => Promise<string>;

const FOLDER = join(packageRoot(), 'sandbox-images');
const BUILD_MS = 10 * 60_000;
const RECIPE = 'dev.sallyport.recipe';
const ROOTFS = 'dev.sallyport.rootfs';

/** Debian packages of each image; Node itself is the binary that runs this program. */
const PACKAGES = {
  python: ['python3-minimal', 'libpython3-stdlib', 'bash', 'dash', 'coreutils'],
  node: ['libc6', 'libstdc++6', 'libgcc-s1', 'bash', 'dash', 'coreutils'],
  bash: ['bash', 'dash', 'coreutils', 'grep', 'sed', 'mawk', 'findutils', 'diffutils'],
} as const satisfies Record<(typeof LANGUAGES)[Language]['image'], readonly string[]>;

export function createEnsureImage(options: ImagesOptions): EnsureImage {
  const building = new Map<Language, Promise<string>>();

  return async function ensureImage(docker, language) {
    const own = options.own[language];
    if (own !== undefined) {
      const found = await inspect(docker, own);
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

/** The image that a program in this language would run in; `id` is undefined where there is none yet. */
export async function findImage(
  docker: Docker,
  language: Language,
  options: Pick<ImagesOptions, 'own' | 'version'>,
): Promise<{ readonly name: string; readonly id: string | undefined }> {
  const own = options.own[language];
  if (own !== undefined) return { name: own, id: (await inspect(docker, own))?.id };
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
  const lock = join(options.cache, 'images', `${image}-${recipe.slice(0, 16)}.lock`);
  const find = async (): Promise<string | undefined> => await findOurs(docker, tag, recipe);
  try {
    return (
      (await find()) ??
      (await withFileLock(lock, BUILD_MS, async () => {
        // Another process may have built it while we waited.
        const ready = await find();
        if (ready === undefined) await make(docker, { image, tag, recipe }, options);
        return ready ?? (await find()) ?? (await Promise.reject(new Error('Docker lost it')));
      }))
    );
  } catch (cause) {
    throw missing(
      tag,
      `build it yourself: docker build -t ${tag} ${join(FOLDER, image)}, or name your own image under sandbox.images`,
      cause,
    );
  }
}

type Wanted = {
  readonly image: (typeof LANGUAGES)[Language]['image'];
  readonly tag: string;
  readonly recipe: string;
};

async function make(
  docker: Docker,
  { image, tag, recipe }: Wanted,
  { cache, log }: ImagesOptions,
): Promise<void> {
  log(`building the image ${tag}, once`);
  const labels = { [RECIPE]: recipe };
  if (!canBuildRootfs()) return await build(docker, image, tag, labels);
  const short = recipe.slice(0, 16);
  const { file, digest } = await buildRootfs({
    name: `${image}-${short}`,
    packages: PACKAGES[image],
    ...(image === 'node' ? { node: await realpath(process.execPath) } : {}),
    script: join(FOLDER, 'rootfs.sh'),
    cache,
    log,
  });
  log(`loading ${file}`);
  const base = { repo: `sallyport/${image}-rootfs`, tag: short };
  await finished(docker, await docker.importImage(createReadStream(file), base));
  await build(docker, image, tag, { ...labels, [ROOTFS]: digest }, `${base.repo}:${base.tag}`);
  log(`built ${tag}`);
}

/** The Dockerfile, on the base it names or, where there is no registry, on one made here. */
async function build(
  docker: Docker,
  image: string,
  tag: string,
  labels: Record<string, string>,
  base?: string,
): Promise<void> {
  const context = { context: join(FOLDER, image), src: ['Dockerfile'] };
  const options = { t: tag, labels, ...(base ? { buildargs: { BASE: base } } : {}) };
  await finished(docker, await docker.buildImage(context, options));
}

async function finished(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
}

/** What goes into an image, as a digest: another recipe is another image under the same tag. */
async function recipeOf(image: (typeof LANGUAGES)[Language]['image']): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [join(FOLDER, 'rootfs.sh'), join(FOLDER, image, 'Dockerfile')])
    hash.update(await readFile(file)).update('\0');
  hash.update(`${PACKAGES[image].join(' ')} ${process.arch}`);
  if (image === 'node') hash.update(process.version);
  return hash.digest('hex');
}

async function inspect(
  docker: Docker,
  name: string,
): Promise<{ readonly id: string; readonly labels: Readonly<Record<string, string>> } | undefined> {
  try {
    const { Id: id, Config: config } = await docker.getImage(name).inspect();
    return { id, labels: config?.Labels ?? {} };
  } catch (error) {
    if (status(error) === 404) return undefined;
    throw error;
  }
}

function missing(image: string, hint: string, cause?: unknown): Denial {
  const why = cause instanceof Error ? ` (${cause.message.split('\n')[0]})` : '';
  return new Denial(
    'sandbox-unavailable',
    `Cannot run the program: there is no image ${image}${why}`,
    { hint, cause },
  );
}
