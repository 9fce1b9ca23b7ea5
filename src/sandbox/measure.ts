import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { Denial } from '../denial.ts';
import { deadline } from './deadline.ts';
import type { DockerHost } from './docker-host.ts';
import { connect } from './engine.ts';
import { findImage } from './images.ts';
import type { Language } from './languages.ts';

const run = promisify(execFile);
const ANSWER_MS = 10_000;

export type FoundRuntime = {
  /** The program that Docker starts for the runtime, absolute. */
  readonly path: string;
  /** What it says of itself, one line. */
  readonly version: string;
};

export type FoundSandbox = {
  readonly runtime: () => Promise<FoundRuntime>;
  /** The image that programs in this language would run in; builds none. */
  readonly image: (language: Language) => Promise<{ readonly name: string; readonly id: string }>;
};

export type LookOptions = {
  readonly docker: DockerHost;
  readonly runtime: string;
  readonly images: Readonly<Partial<Record<Language, string>>>;
  /** Tag of the images that are built here. */
  readonly version: string;
};

/** What programs would run in, as the engine says now. Everything throws a `Denial` that says what is missing. */
export async function lookAtSandbox(options: LookOptions): Promise<FoundSandbox> {
  const { docker, facts } = await connect(options.docker, options.runtime);
  return {
    runtime: async () => await findRuntime(facts.runtimePath, options),
    image: async (language) => await image(docker, language, options),
  };
}

async function findRuntime(path: string, { docker, runtime }: LookOptions): Promise<FoundRuntime> {
  // A file of the same name here says nothing about the machine on which the engine runs.
  if (docker.options.socketPath === undefined)
    throw absent(`Docker at ${docker.name} may be on another machine`);
  if (!isAbsolute(path)) throw absent(`Docker names no file for its runtime ${runtime}`);
  const { stdout } = await run(path, ['--version'], { timeout: ANSWER_MS }).catch(
    (cause: unknown) => {
      throw absent(`${path} does not say its version`, cause);
    },
  );
  return { path, version: (stdout.split('\n')[0] ?? '').slice(0, 200) };
}

async function image(
  docker: Docker,
  language: Language,
  { images, version }: LookOptions,
): Promise<{ readonly name: string; readonly id: string }> {
  const found = await deadline(findImage(docker, language, { own: images, version }), ANSWER_MS);
  if (found.id === undefined)
    throw absent(
      images[language] === undefined
        ? `the image ${found.name} is not built yet`
        : `there is no image ${found.name}`,
    );
  return { name: found.name, id: found.id };
}

function absent(why: string, cause?: unknown): Denial {
  return new Denial('sandbox-unavailable', `Cannot look at the sandbox: ${why}`, { cause });
}
