import { resolve } from 'node:path';
import { measureDependencies, measureProgram } from '../../attest/package.ts';
import { formatReference } from '../../attest/reference.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import type { Command } from '../command.ts';
import { configOf } from '../config-of.ts';
import { parseOptions } from '../parse-options.ts';
import { measureHere } from './measure-here.ts';
import { quoteHere } from './quote-here.ts';

export const command = {
  summary: 'what is here, for a verifier to compare others with',
  usage: 'Usage: sallyport attest reference [FOLDER | [--config FILE] [--tpm TCTI]]',
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'attest reference',
      argv,
      { config: { type: 'string' }, tpm: { type: 'string' } },
      true,
    );
    const [folder, ...more] = positionals;
    if (more.length > 0 || (folder !== undefined && Object.keys(values).length > 0))
      throw new Fault('Cannot run attest reference: it takes one FOLDER, or options');
    if (folder !== undefined) {
      const say = (line: string) => void io.stderr.write(`${line}\n`);
      io.stdout.write(formatReference(measurePackage(resolve(io.cwd, folder), say)));
      return EXIT.ok;
    }
    const measured = await measureHere(await configOf(values.config, io), io.env);
    // About nothing: the PCRs are what is wanted.
    const quote = await quoteHere(Buffer.alloc(32), io.env, values.tpm);
    io.stdout.write(formatReference(measured, 'pcrs' in quote ? quote.pcrs : {}));
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
