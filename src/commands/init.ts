import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';

import {
  CLIENT_NAMES,
  clientFiles,
  isClientName,
  type ClientFile,
  type ClientName,
} from '../config/clients/clients.ts';
import type { Launcher } from '../config/clients/entry.ts';
import { commitRun, readJournal, readJournals, undoRun } from '../config/clients/journal.ts';
import { fileFolder, readSwitchedOff } from '../config/clients/places.ts';
import { planFile, type FilePlan } from '../config/clients/plan.ts';
import { showPlan } from '../config/clients/show-plan.ts';
import { readConfigText } from '../config/load.ts';
import { configHome, machineOf, type Machine } from '../config/places.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { packageRoot } from '../lib/package-root.ts';
import { suggest } from '../lib/suggest.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';

export const command = {
  summary: "import servers from a client's configuration and put Sallyport in front",
  usage: `Usage: sallyport init [--client NAME] [--keep SERVER]… [--dry-run] [--yes]
       sallyport init --undo [--client NAME] [--force]

Takes the MCP servers that a client starts, writes them to a sallyport.yaml of
your own, and puts one entry that starts Sallyport in their place. The change is
shown first; a copy of the file is kept.

  --client NAME   ${CLIENT_NAMES.join(', ')};
                  without it every client that is found
  --keep SERVER   leave this server to the client; may be repeated
  --dry-run       show the change and write nothing
  --yes           do not ask (nothing is asked when standard input is no terminal)
  --undo          put back, byte for byte, what was there before the last init
  --force         undo even where the file was changed since
`,
  run,
} satisfies Command;

const OPTIONS = {
  client: { type: 'string' },
  keep: { type: 'string', multiple: true },
  'dry-run': { type: 'boolean' },
  undo: { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  force: { type: 'boolean' },
} as const;

type Place = { readonly io: Io; readonly machine: Machine };

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values } = parseOptions('init', argv, OPTIONS);
  const place = { io, machine: machineOf(io.env) };
  const clients = values.client === undefined ? CLIENT_NAMES : [clientNamed(values.client)];
  if (values.undo === true) return undo(place, clients, values.force === true);

  const { plans, failed } = await planAll(place, clients, new Set(values.keep));
  if (plans.length === 0 && !failed) throw nothingFound(place, clients);
  for (const plan of plans) io.stdout.write(`${showPlan(plan, isTerminal(io.stdout))}\n`);

  const changes = plans.filter((plan) => plan.change !== undefined);
  const outcome = failed ? EXIT.usage : EXIT.ok;
  if (changes.length === 0) {
    io.stdout.write('Nothing to change\n');
    return outcome;
  }
  if (values['dry-run'] === true) {
    io.stdout.write('Nothing was written (--dry-run)\n');
    return outcome;
  }
  if (values.yes !== true && isTerminal(io.stdin) && !(await agrees(io))) {
    io.stdout.write('Nothing was written\n');
    return EXIT.no;
  }
  for (const plan of changes) await write(plan, io);
  io.stdout.write('Restart the client to use it; sallyport init --undo takes it back\n');
  return outcome;
}

function clientNamed(name: string): ClientName {
  if (isClientName(name)) return name;
  const near = suggest(name, CLIENT_NAMES);
  throw new Fault(`Cannot import from ${name}: there is no such client`, {
    hint: near === undefined ? `known are ${CLIENT_NAMES.join(', ')}` : `did you mean ${near}?`,
  });
}

/** Plans every file of every client; one that cannot be read is reported and does not stop the others. */
async function planAll(
  { io, machine }: Place,
  clients: readonly ClientName[],
  keep: ReadonlySet<string>,
): Promise<{ plans: readonly FilePlan[]; failed: boolean }> {
  const plans: FilePlan[] = [];
  let failed = false;
  for (const client of clients) {
    const folder = clientFolder(machine, client);
    const journals = await readJournals(folder);
    const entries = journals.flatMap((journal) => journal.entries);
    const files = clientFiles(client, machine, io.cwd);
    for (const file of files)
      try {
        const switchedOff = await readSwitchedOff(file, files);
        const options = { folder, launcher: launcher(), keep, switchedOff, entries };
        const plan = await planFile(file, options);
        if (plan === undefined) continue;
        for (const { gateway } of plan.sections)
          readConfigText(gateway.after, gateway.path, io.env);
        plans.push(plan);
        entries.push(...plan.entries);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        failed = true;
        io.stderr.write(`sallyport: ${error.message}\n`);
        if (error.hint !== undefined) io.stderr.write(`hint: ${error.hint}\n`);
      }
  }
  return { plans, failed };
}

async function write(plan: FilePlan, io: Io): Promise<void> {
  if (plan.change === undefined) return;
  const writes = [...plan.sections.map((section) => section.gateway), plan.change];
  try {
    const backup = await commitRun(plan.folder, plan.file.path, plan.entries, writes);
    io.stdout.write(`${plan.file.title}: ${plan.file.path} changed, backup ${backup}\n`);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed';
    throw new Fault(`Cannot write ${plan.file.path}: ${code}`, { exit: EXIT.environment, cause });
  }
}

async function undo(
  { io, machine }: Place,
  clients: readonly ClientName[],
  force: boolean,
): Promise<number> {
  let outcome: number = EXIT.ok;
  let found = false;
  for (const client of clients)
    for (const file of clientFiles(client, machine, io.cwd)) {
      const folder = fileFolder(file, clientFolder(machine, client));
      const journal = await readJournal(folder);
      if (journal === undefined) continue;
      found = true;
      try {
        const { restored, left } = await undoRun(folder, journal, force);
        for (const path of restored) io.stdout.write(`${path}: as it was before\n`);
        for (const path of left) io.stdout.write(`${path}: left alone, it was changed since\n`);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        outcome = EXIT.no;
        io.stderr.write(`sallyport: ${error.message}\n`);
        if (error.hint !== undefined) io.stderr.write(`hint: ${error.hint}\n`);
      }
    }
  if (!found)
    throw new Fault('Cannot undo: sallyport init has changed nothing here', { exit: EXIT.no });
  return outcome;
}

function nothingFound({ io, machine }: Place, clients: readonly ClientName[]): Fault {
  const files = clients.flatMap((client) => clientFiles(client, machine, io.cwd));
  const from = clients.length === 1 ? files[0]?.title : 'any client';
  return new Fault(`Cannot import from ${from}: it has no configuration here`, {
    exit: EXIT.environment,
    hint: `looked for ${files.map((file: ClientFile) => file.path).join(', ')}`,
  });
}

function clientFolder(machine: Machine, client: ClientName): string {
  return join(configHome(machine), 'clients', client);
}

/** From a clone or another folder this very program; an installed package is found by npx. */
function launcher(): Launcher {
  const root = packageRoot();
  return /[/\\]node_modules[/\\]/u.test(root)
    ? { command: 'npx', args: ['-y', 'sallyport'] }
    : { command: process.execPath, args: [join(root, 'bin', 'sallyport.js')] };
}

async function agrees(io: Io): Promise<boolean> {
  const asking = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const answer = await asking.question('Write these changes? [y/N] ');
    return /^y(?:es)?$/iu.test(answer.trim());
  } finally {
    asking.close();
  }
}

function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
