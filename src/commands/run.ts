import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Denial } from '../denial.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { isLanguage, LANGUAGES, type Language } from '../sandbox/languages.ts';
import { createLocalSandbox } from '../sandbox/local-sandbox.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';

const DEFAULT_MS = 30_000;

/** Tiers of isolation; one that is not `true` is refused, never replaced. */
const TIERS: Readonly<Record<string, boolean>> = {
  gvisor: true,
  microvm: false,
  process: false,
  wasm: false,
};

export const command: Command = {
  summary: 'run a program in the sandbox alone',
  usage: `Usage: sallyport run --lang python|javascript|bash [--tier gvisor] [--timeout MS] FILE|-

Runs the program in a container of its own, in gVisor, without network, and throws the container away. Prints what the
program printed and exits as the program did: 137 when it was killed or ran out of time, 3 when there is no sandbox.

  --lang LANGUAGE   python, javascript or bash
  --tier TIER       the isolation to use (default gvisor); a tier that this machine does not have is refused
  --timeout MS      the time limit in milliseconds (default ${DEFAULT_MS})
  FILE              the program; - reads it from standard input

It needs Docker with the runtime runsc, at $DOCKER_HOST or Docker's own place; the first run makes the image.
`,

  async run(argv, io) {
    const { language, tier, timeoutMs, file } = readArguments(argv);
    if (!TIERS[tier])
      throw new Fault(`Cannot run the program: the tier ${tier} is not available`, {
        hint: 'use --tier gvisor',
        exit: EXIT.environment,
      });
    const code = await readProgram(file, io);
    return await runOnce({ language, code, timeoutMs }, io);
  },
};

type Wish = { readonly language: Language; readonly timeoutMs: number };

function readArguments(argv: readonly string[]): Wish & { tier: string; file: string } {
  const { values, positionals } = parseOptions(
    'run',
    argv,
    { lang: { type: 'string' }, tier: { type: 'string' }, timeout: { type: 'string' } },
    true,
  );
  const { lang = '', tier = 'gvisor', timeout = String(DEFAULT_MS) } = values;
  if (!isLanguage(lang))
    throw new Fault(`Cannot run the program: --lang must be ${Object.keys(LANGUAGES).join(', ')}`);
  if (!Object.hasOwn(TIERS, tier))
    throw new Fault(`Cannot run the program: --tier must be ${Object.keys(TIERS).join(', ')}`);
  if (!/^\d{1,7}$/.test(timeout))
    throw new Fault('Cannot run the program: --timeout must be a number of milliseconds');
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new Fault('Cannot run the program: expected one FILE, or - for stdin');
  return { language: lang, tier, timeoutMs: Number(timeout), file };
}

async function readProgram(file: string, { stdin, cwd }: Io): Promise<string> {
  if (file === '-') return await text(stdin);
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new Fault(`Cannot run the program: ${file} cannot be read`, { cause });
  }
}

async function runOnce(program: Wish & { readonly code: string }, io: Io): Promise<number> {
  const { stdout, stderr, env } = io;
  const sandbox = createLocalSandbox({
    env,
    log: (message) => stderr.write(`sallyport: ${message}\n`),
  });
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort(new Fault('Cannot finish the program: interrupted'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const result = await sandbox.run({ ...program, signal: interrupt.signal });
    stdout.write(result.stdout);
    stderr.write(result.stderr);
    if (result.ended !== 'exited')
      stderr.write(`sallyport: the program was ended: ${result.ended}\n`);
    return result.exitCode;
  } catch (error) {
    if (!(error instanceof Denial)) throw error;
    throw new Fault(error.message, {
      exit: error.code.startsWith('sandbox-') ? EXIT.environment : EXIT.usage,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await sandbox.close();
  }
}
