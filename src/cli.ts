// oxlint-disable-next-line import/no-unassigned-import -- must run before anything else loads
import './policy/v8-flag.ts';

import type { Command, Io } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { Denial } from './denial.ts';
import { EXIT, Fault } from './lib/fault.ts';
import { suggest } from './lib/suggest.ts';

const ALIASES = new Map([
  ['--version', 'version'],
  ['-v', 'version'],
]);

/** Runs one command line; resolves to the exit code and never rejects. */
async function main(argv: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = argv;
  const name = first === undefined ? undefined : (ALIASES.get(first) ?? first);
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      io.stdout.write(await overview());
      return name === undefined ? EXIT.usage : EXIT.ok;
    }
    const command = await commandNamed(name);
    if (asksForHelp(rest)) {
      io.stdout.write(`${command.usage.trimEnd()}\n`);
      return EXIT.ok;
    }
    return await command.run(rest, io);
  } catch (thrown) {
    return report(thrown, name ?? 'help', io);
  }
}

async function commandNamed(name: string): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load) return load();
  const near = suggest(name, Object.keys(COMMANDS));
  throw new Fault(`Cannot run ${JSON.stringify(name).slice(1, -1)}: there is no such command`, {
    hint: near ? `did you mean sallyport ${near}?` : 'sallyport --help lists the commands',
  });
}

/** What follows `--` belongs to another program. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

async function overview(): Promise<string> {
  const rows = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, load]) => ({ name, ...(await load()) })),
  );
  const width = Math.max(...rows.map((row) => row.name.length));
  const lines = rows.map((row) => `  ${row.name.padEnd(width)}   ${row.summary}`);
  return `Sallyport: one MCP server that stands in front of all others\n
Usage: sallyport COMMAND [OPTIONS]\n\n${lines.join('\n')}\n
sallyport COMMAND --help says more about each\n`;
}

function report(thrown: unknown, name: string, io: Io): number {
  const debug = (io.env['SALLYPORT_DEBUG'] ?? '') !== '';
  if (thrown instanceof Fault || thrown instanceof Denial) {
    io.stderr.write(`sallyport: ${thrown.message}\n`);
    if (thrown.hint !== undefined) io.stderr.write(`hint: ${thrown.hint}\n`);
    if (debug) io.stderr.write(`${String(thrown.stack)}\n`);
    return thrown instanceof Fault ? thrown.exit : EXIT.no;
  }
  // An unplanned message may quote a secret, and stderr is a log under most clients.
  io.stderr.write(`sallyport: Cannot run ${name}: internal error${systemCode(thrown)}\n`);
  if (debug) io.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  else io.stderr.write('hint: set SALLYPORT_DEBUG=1 to see where\n');
  return EXIT.environment;
}

function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? ` (${thrown.code})`
    : '';
}

// A reader that has seen enough (`| head`) is no failure; under `serve` the channel notices the end by itself.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
});
