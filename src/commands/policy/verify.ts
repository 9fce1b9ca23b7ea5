import { resolve } from 'node:path';
import { readContents } from '../../bundle/contents.ts';
import { openBundleFolder } from '../../bundle/read-folder.ts';
import { bundleOptions } from '../../bundle/bundle-options.ts';
import { readTrust } from '../../bundle/trust.ts';
import { verifyBundle, type VerifyOptions } from '../../bundle/verify-bundle.ts';
import { BundleFault } from '../../bundle/bundle-fault.ts';
import { loadConfig } from '../../config/load.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import type { Command, Io } from '../command.ts';
import { parseOptions } from '../parse-options.ts';
import { requireLoadable } from './loadable.ts';

type Values = {
  readonly key?: string[];
  readonly threshold?: string;
  readonly name?: string;
  readonly config?: string;
};

export const command = {
  summary: 'whether a bundle would be loaded',
  usage:
    'Usage: sallyport policy verify [FOLDER] [--key FILE… [--threshold N] [--name NAME] | --config FILE] [--json]',
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'policy verify',
      argv,
      {
        key: { type: 'string', multiple: true },
        threshold: { type: 'string' },
        name: { type: 'string' },
        config: { type: 'string' },
        json: { type: 'boolean' },
      },
      true,
    );
    if (positionals.length > 1) throw new Fault('Cannot run policy verify: it takes one FOLDER');
    const options = await optionsFrom(values, positionals[0], io);
    try {
      const { manifest, digest, signers, files } = await verifyBundle(options);
      const count = await requireLoadable(readContents(files));
      const { name, version, expires } = manifest;
      io.stdout.write(
        values.json === true
          ? `${JSON.stringify({ verified: true, name, version, expires, digest, signers, policies: count })}\n`
          : `verified: ${name} version ${version} until ${expires}, ${count} policies, digest ${digest}\n${signers.map((kid) => `signed by ${kid}\n`).join('')}`,
      );
      return EXIT.ok;
    } catch (thrown) {
      if (!(thrown instanceof BundleFault)) throw thrown;
      const { problem, message, hint } = thrown;
      io.stdout.write(
        values.json === true
          ? `${JSON.stringify({ verified: false, problem, message, ...(hint === undefined ? {} : { hint }) })}\n`
          : `${visible(`not verified (${problem}): ${message}`, '\n')}\n${hint === undefined ? '' : `${visible(`hint: ${hint}`)}\n`}`,
      );
      return EXIT.no;
    }
  },
} satisfies Command;

/** With keys on the command line nothing else is looked at; else everything is as a gateway would have it. */
async function optionsFrom(
  { key, threshold = '1', name, config: file }: Values,
  given: string | undefined,
  io: Io,
): Promise<VerifyOptions> {
  if (key === undefined) {
    const path = file === undefined ? {} : { path: file };
    const config = await loadConfig({ ...path, env: io.env, cwd: io.cwd });
    const { bundle } = config.policy;
    if (bundle === undefined)
      throw new Fault('Cannot verify a bundle: the configuration names none', {
        hint: 'sallyport policy verify FOLDER --key FILE',
      });
    const place = given === undefined ? bundle.path : resolve(io.cwd, given);
    const { trust, memory } = await bundleOptions(bundle, config.state.path);
    return {
      folder: await openBundleFolder(place),
      trust,
      now: () => new Date(),
      follows: memory.check,
    };
  }
  if (given === undefined)
    throw new Fault('Cannot run policy verify: with --key it needs a FOLDER');
  const files = key.map((each) => resolve(io.cwd, each));
  return {
    trust: await readTrust(files, Number(threshold)),
    folder: await openBundleFolder(resolve(io.cwd, given)),
    now: () => new Date(),
    follows(manifest) {
      if (name !== undefined && manifest.name !== name)
        throw new BundleFault('other-name', `it is ${manifest.name}, not ${name}`);
    },
  };
}
