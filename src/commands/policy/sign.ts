import { join, resolve } from 'node:path';
import { MANIFEST, SIGNATURES, type Manifest } from '../../bundle/manifest.ts';
import { openBundleFolder } from '../../bundle/read-folder.ts';
import { cosignFolder, signFolder } from '../../bundle/sign-bundle.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { writeFileAtomic } from '../../lib/write-file.ts';
import { readPrivateKey, type Key } from '../../signing/keys.ts';
import { readPrivateFile } from '../../state/private-file.ts';
import type { Command } from '../command.ts';
import { parseOptions } from '../parse-options.ts';
import { requireLoadable } from './loadable.ts';

const DAY = 24 * 60 * 60 * 1000;

export const command = {
  summary: 'make a bundle, or add a signature to one',
  usage:
    'Usage: sallyport policy sign FOLDER --key FILE… [--name NAME --version N --expires TIME [--not-before TIME]]',
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'policy sign',
      argv,
      {
        key: { type: 'string', multiple: true },
        name: { type: 'string' },
        version: { type: 'string' },
        expires: { type: 'string' },
        'not-before': { type: 'string' },
        json: { type: 'boolean' },
      },
      true,
    );
    const [given, ...more] = positionals;
    if (given === undefined || more.length > 0 || values.key === undefined)
      throw new Fault('Cannot run policy sign: it needs one FOLDER and --key FILE', {
        hint: 'sallyport policy --help shows how',
      });
    const path = resolve(io.cwd, given);
    const folder = await openBundleFolder(path);
    const keys = await Promise.all(values.key.map(async (file) => await readKey(file, io.cwd)));
    const meta = metaOf(values, new Date());
    const signed = meta ? await signFolder(folder, meta, keys) : await cosignFolder(folder, keys);
    // Nobody should sign what no gateway would load.
    await requireLoadable(signed.contents);
    // The signatures last: a gateway that looks meanwhile sees a bundle that is not signed yet.
    if (meta) await writeFileAtomic(join(path, MANIFEST), signed.manifestBytes, 0o644);
    await writeFileAtomic(join(path, SIGNATURES), signed.signatures, 0o644);
    const { name, version, expires, files } = signed.manifest;
    io.stdout.write(
      values.json === true
        ? `${JSON.stringify({ name, version, expires, files: Object.keys(files), signers: signed.signers })}\n`
        : `${name} version ${version}, ${Object.keys(files).length} files, until ${expires}, signed by ${signed.signers.join(' and ')}\n`,
    );
    return EXIT.ok;
  },
} satisfies Command;

async function readKey(file: string, cwd: string): Promise<Key> {
  const path = resolve(cwd, file);
  return await readPrivateKey(readPrivateFile(path), path);
}

type Values = Partial<Record<'name' | 'version' | 'expires' | 'not-before', string>>;

/** Undefined where a signature is added to what others have made. */
function metaOf(
  values: Values,
  now: Date,
): Pick<Manifest, 'name' | 'version' | 'notBefore' | 'expires'> | undefined {
  const { name, version, expires, 'not-before': notBefore } = values;
  if ([name, version, expires, notBefore].every((value) => value === undefined)) return undefined;
  if (name === undefined || version === undefined || expires === undefined)
    throw new Fault('Cannot make a bundle: it needs --name, --version and --expires', {
      hint: 'without any of them a signature is added to the bundle that is there',
    });
  if (!/^[1-9]\d{0,14}$/u.test(version))
    throw new Fault(`Cannot make a bundle: ${version} is no version`, {
      hint: 'a whole number from 1 on, larger than the last one',
    });
  return {
    name,
    version: Number(version),
    notBefore: momentOf(notBefore ?? '0d', now),
    expires: momentOf(expires, now),
  };
}

/** `30d` from now, or a moment in UTC; whole seconds. */
function momentOf(text: string, now: Date): string {
  const days = /^(\d{1,5})d$/u.exec(text)?.[1];
  const at = days === undefined ? Date.parse(text) : now.getTime() + Number(days) * DAY;
  if (days === undefined && (!/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/u.test(text) || Number.isNaN(at)))
    throw new Fault(`Cannot make a bundle: ${text} is no time`, {
      hint: 'days from now such as 30d, or UTC such as 2027-01-01T00:00:00Z',
    });
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
