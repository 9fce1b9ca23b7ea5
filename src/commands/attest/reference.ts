import { resolve } from 'node:path';
import { measureDependencies, measureProgram } from '../../attest/package.ts';
import { formatReference } from '../../attest/reference.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import type { Command } from '../command.ts';
import { configOf } from '../config-of.ts';
import { parseOptions } from '../parse-options.ts';
import { measureHere } from './measure-here.ts';

export const command = {
  summary: 'what is here, for a verifier to compare others with',
  usage: 'Usage: sallyport attest reference [FOLDER | --config FILE]',
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'attest reference',
      argv,
      { config: { type: 'string' } },
      true,
    );
    const [folder, ...more] = positionals;
    if (more.length > 0 || (folder !== undefined && values.config !== undefined))
      throw new Fault('Cannot run attest reference: it takes one FOLDER or --config');
    const measured =
      folder === undefined
        ? await measureHere(await configOf(values.config, io), io.env)
        : measurePackage(resolve(io.cwd, folder), (line) => void io.stderr.write(`${line}\n`));
    io.stdout.write(formatReference(measured));
    return EXIT.ok;
  },
} satisfies Command;

/** Of a package as npm unpacks it, and of what it imports where that is installed too. */
function measurePackage(folder: string, say: (line: string) => void) {
  const program = measureProgram(folder);
  try {
    return { program, dependencies: measureDependencies(folder) };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    say(`sallyport: ${thrown.message}; the reference leaves them out`);
    return { program };
  }
}
