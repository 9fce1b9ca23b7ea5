import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Denial } from '../denial.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import type { EgressEntry } from '../sandbox/egress/exchange.ts';
import type { LocalEgress } from '../sandbox/egress/local-egress.ts';
import { isLanguage, LANGUAGES, type Language } from '../sandbox/languages.ts';
import { createLocalSandbox } from '../sandbox/local-sandbox.ts';
import { isTier, TIERS, type Tier } from '../sandbox/tier.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';
import { createProgressBar } from './progress.ts';
import { checkFree, writeOutputs } from './write-outputs.ts';

const DEFAULT_MS = 30_000;

export const command: Command = {
  summary: 'run a program in the sandbox alone',
  usage: `Usage: sallyport run --lang python|javascript|bash [--tier gvisor] [--timeout MS] [--egress HOST:PORT]... [--output PATH]... FILE|-

Runs the program in a sandbox of its own, without network, and throws the sandbox away. Prints what the program printed
and exits as the program did: 137 when it was killed or ran out of time, 3 when there is no sandbox, and 1 for 0 when an
output did not come.

  --lang LANGUAGE   python, javascript or bash
  --tier TIER       the isolation: ${TIERS.join(', ')} (default gvisor); never another one
  --timeout MS      the time limit in milliseconds (default ${DEFAULT_MS})
  --egress HOST     a place to connect to, as in builtin.code.egress: api.example.com, "*.example.org:8443",
                    http://mirror.example.com; may be given several times. Connections are told on stderr
  --output PATH     a file of its working folder that is written here afterwards, below the working directory; one that is
                    here already is never overwritten; may be given several times
  FILE              the program; - reads it from standard input

gVisor comes through Docker with the runtime runsc, at $DOCKER_HOST or Docker's own place, or else from runsc alone; the
tier process needs bubblewrap and shares the kernel of this machine, wasm needs nothing and runs JavaScript alone. The
first run makes the image.
`,

  async run(argv, io) {
    const { file, ...wish } = await readArguments(argv);
    return await runOnce({ ...wish, code: await readProgram(file, io) }, io);
  },
};

type Wish = {
  readonly language: Language;
  readonly tier: Tier;
  readonly timeoutMs: number;
  readonly egress: readonly EgressEntry[];
  readonly outputs: readonly string[];
};

async function readArguments(argv: readonly string[]): Promise<Wish & { file: string }> {
  const { values, positionals } = parseOptions(
    'run',
    argv,
    {
      lang: { type: 'string' },
      tier: { type: 'string' },
      timeout: { type: 'string' },
      egress: { type: 'string', multiple: true },
      output: { type: 'string', multiple: true },
    },
    true,
  );
  const egress = values.egress ? await readEgress(values.egress) : [];
  const { lang = '', tier = 'gvisor', timeout = String(DEFAULT_MS) } = values;
  if (!isLanguage(lang))
    throw new Fault(`Cannot run the program: --lang must be ${Object.keys(LANGUAGES).join(', ')}`);
  if (!isTier(tier)) throw new Fault(`Cannot run the program: --tier must be ${TIERS.join(', ')}`);
  if (!/^\d{1,7}$/.test(timeout))
    throw new Fault('Cannot run the program: --timeout must be a number of milliseconds');
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new Fault('Cannot run the program: expected one FILE, or - for stdin');
  const outputs = [...new Set(values.output)];
  return { language: lang, tier, timeoutMs: Number(timeout), egress, outputs, file };
}

async function readEgress(written: readonly string[]): Promise<readonly EgressEntry[]> {
  const { egressSchema } = await import('../config/egress.ts');
  const { data, error } = egressSchema.safeParse(written);
  if (data) return data;
  throw new Fault(`Cannot run the program: --egress: ${error.issues[0]?.message}`);
}

async function readProgram(file: string, { stdin, cwd }: Io): Promise<string> {
  if (file === '-') return await text(stdin);
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new Fault(`Cannot run the program: ${file} cannot be read`, { cause });
  }
}

async function runOnce(
  { tier, egress: entries, ...program }: Wish & { readonly code: string },
  io: Io,
): Promise<number> {
  const { stdout, stderr, env, cwd } = io;
  const bar = createProgressBar(stderr);
  const say = bar.log;
  const egress = entries.length > 0 ? await openEgress(entries, env, say) : undefined;
  const sandbox = createLocalSandbox({
    env,
    only: tier,
    log: say,
    progress: bar.progress,
    ...(egress && { egress }),
  });
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort(new Fault('Cannot finish the program: interrupted'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await checkFree(cwd, program.outputs);
    const result = await sandbox.run({ ...program, signal: interrupt.signal });
    bar.end();
    stdout.write(result.stdout);
    stderr.write(result.stderr);
    if (result.ended !== 'exited') say(`the program was ended: ${result.ended}`);
    const lacking = result.outputs ? await writeOutputs(cwd, result.outputs) : [];
    for (const line of lacking) say(line);
    return lacking.length > 0 && result.exitCode === 0 ? EXIT.no : result.exitCode;
  } catch (error) {
    if (!(error instanceof Denial)) throw error;
    throw new Fault(error.message, {
      exit: error.code.startsWith('sandbox-') ? EXIT.environment : EXIT.usage,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  } finally {
    bar.end();
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await sandbox.close();
    await egress?.close();
  }
}

/** Without a gateway there is no audit: whoever runs the program sees its connections. */
async function openEgress(
  entries: readonly EgressEntry[],
  env: NodeJS.ProcessEnv,
  say: (message: string) => void,
): Promise<LocalEgress> {
  const { createLocalEgress } = await import('../sandbox/egress/local-egress.ts');
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-egress-'));
  const egress = createLocalEgress({
    entries,
    env,
    folder,
    record: ({ step, to, address, why }) =>
      say([step, JSON.stringify(to), address, why].filter(Boolean).join(' ')),
  });
  return { ...egress, close: async () => await rm(folder, { recursive: true, force: true }) };
}
