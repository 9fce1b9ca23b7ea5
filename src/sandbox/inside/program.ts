import { posix } from 'node:path';
import type { StdioServerConfig } from '../../config/config.ts';
import { Fault } from '../../lib/fault.ts';
import { isLanguage, LANGUAGES, type Language } from '../languages.ts';
import { readNpx, type PackageCommand } from './npx.ts';

/** Where a prepared package is, inside. */
export const APP = '/app';

/** What a server's container starts, and of which image. */
export type InsideProgram = {
  /** An image that is built here, or the owner's own. */
  readonly image: { readonly language: Language } | { readonly own: string };
  /** To be installed on this side, and run from `APP`. */
  readonly package?: PackageCommand;
  /** The command as written; empty with a package. */
  readonly argv: readonly string[];
};

/** Programs of the images that are built here, and the options of each that take a program in place of a file. */
const PROGRAMS: Readonly<Record<string, { image: string; inline: readonly string[] }>> = {
  node: { image: 'node', inline: ['-e', '--eval', '-p', '--print'] },
  python3: { image: 'python', inline: ['-c'] },
  bash: { image: '', inline: ['-c'] },
  sh: { image: '', inline: ['-c'] },
};

const NEEDS_IMAGE = new Set(['uvx', 'uv', 'pipx', 'bunx', 'bun', 'deno', 'docker', 'podman']);

/** Reads what is to run. Throws a `Fault` for what an image does not have, or what stays on this side of the sandbox. */
export function readProgram({ name, command, args, sandbox }: Inside): InsideProgram {
  const image = imageOf(sandbox.image, name);
  const packaged = readNpx(command, args);
  if (packaged) {
    if ('language' in image && image.language !== 'javascript')
      throw refused(name, `${sandbox.image} has no Node`, 'its image is sallyport/node');
    return { image, package: packaged, argv: [] };
  }
  if ('own' in image) return { image, argv: [command, ...args] };
  const places = sandbox.mounts.map(({ path }) => path);
  const program = command.split('/').at(-1) ?? '';
  if (NEEDS_IMAGE.has(program))
    throw refused(
      name,
      `${program} would have to download what it runs`,
      'build an image that has the server, and name it as sandbox.image',
    );
  const known = Object.hasOwn(PROGRAMS, command) ? PROGRAMS[command] : undefined;
  if (!known) {
    if (posix.isAbsolute(command) && isIn(places, command))
      return { image, argv: [command, ...args] };
    throw refused(
      name,
      `${sandbox.image} has no program ${command}`,
      `write node, python3 or bash as the image has it, mount the folder of ${command}, or name an image of your own`,
    );
  }
  if (known.image !== '' && known.image !== LANGUAGES[image.language].image)
    throw refused(
      name,
      `${sandbox.image} has no ${command}`,
      `its image is sallyport/${known.image}`,
    );
  const script = args.find((arg) => !arg.startsWith('-'));
  const isInline = args.some((arg) => known.inline.includes(arg));
  if (script !== undefined && !isInline && !isIn(places, script))
    throw refused(
      name,
      `the sandbox does not see ${script}`,
      `mount its folder: mounts: [{ host: ${posix.dirname(script)}, path: ${posix.dirname(script)} }], and write its whole path`,
    );
  return { image, argv: [command, ...args] };
}

type Inside = Pick<StdioServerConfig, 'name' | 'command' | 'args'> & {
  readonly sandbox: NonNullable<StdioServerConfig['sandbox']>;
};

function imageOf(image: string, name: string): InsideProgram['image'] {
  const [, ours] = /^sallyport\/([^:@]+)$/u.exec(image) ?? [];
  if (ours === undefined) return { own: image };
  const language = Object.keys(LANGUAGES)
    .filter(isLanguage)
    .find((each) => LANGUAGES[each].image === ours);
  if (language === undefined)
    throw refused(
      name,
      `there is no image ${image}`,
      `sallyport/node, sallyport/python and sallyport/bash are built here`,
    );
  return { language };
}

function isIn(folders: readonly string[], path: string): boolean {
  const whole = posix.normalize(path);
  return folders.some((folder) => whole === folder || whole.startsWith(`${folder}/`));
}

function refused(name: string, why: string, hint: string): Fault {
  return new Fault(`Cannot run ${name} in a sandbox: ${why}`, { hint });
}
