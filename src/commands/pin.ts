import { readAccepted } from '../catalogue/accepted.ts';
import { definitionHash, definitionId } from '../catalogue/definition.ts';
import { openLock } from '../catalogue/lock.ts';
import type { Lock } from '../catalogue/lock.ts';
import { review } from '../catalogue/review.ts';
import type { Change } from '../catalogue/review.ts';
import { showChanges, showDiff } from '../catalogue/show-changes.ts';
import { createAllSuspicions } from '../catalogue/suspect/all-suspicions.ts';
import { visible } from '../lib/visible.ts';
import { loadConfig } from '../config/load.ts';
import { configuredLock } from '../configured-policy.ts';
import type { Config } from '../config/load.ts';
import type { UpstreamSpec } from '../gate.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { channelOf, lazyInside } from '../servers.ts';
import { createScanJson } from '../scan/scan-json.ts';
import { createScan } from '../scan/scan.ts';
import type { ServersOptions } from '../servers.ts';
import type { Survey } from '../wire/survey.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';
import { failures, quietServers, survey } from './survey-config.ts';

const usage = `Usage: sallyport pin [--config FILE] [--diff] [--json]
       sallyport pin [--config FILE] --accept SERVER[/NAME]… [--diff] [--json]

Starts the configured servers, lists what they offer and compares it with the lock file (catalogue.lock).
Without --accept nothing is written.

  --accept SERVER        accept all that this server lists now, and forget what it no longer lists
  --accept SERVER/NAME   accept one tool, prompt, resource (its URI) or resource template
                         what has changed inside an accepted definition is printed as it is accepted
  --diff                 show what has changed inside every definition, and the whole of new ones
  --config FILE          the configuration; by default as for sallyport check
  --json                 one JSON document: { lock, changes: [{ change, server, kind, name, hash, classes, accepted,
                         suspicions: [{ check, pointer, detail, grave }], members: [{ pointer, before, after }] }],
                         errors: [{ server, error }] }

Under each change stands what is suspicious in it: !! keeps it back, accepted or not, until its entry in the lock file says
"reviewed": true, ? is for whoever reviews it.

In the lock file a person may change classes, dataClass, source, sink, handle and sendsTo, and set "reviewed": true.

Exit code: 0 all is as accepted, 1 there is something to accept, 2 wrong use or a broken lock file, 3 a server cannot be
listed.
`;

export const command = {
  summary: 'the lock file: what servers have changed, and accepting it',
  usage,
  run,
} satisfies Command;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseOptions('pin', withNames(argv), OPTIONS, true);
  const path = values.config === undefined ? {} : { path: values.config };
  const config = await loadConfig({ ...path, env: io.env, cwd: io.cwd });
  if (values.accept === undefined && positionals.length > 0)
    throw new Fault(`Cannot run pin: unexpected ${JSON.stringify(positionals[0])}`, {
      hint: '--accept SERVER/NAME accepts',
    });
  const wanted = [...(values.accept ?? []), ...positionals].filter((name) => name !== NOTHING);
  const quiet = quietServers(config, io);
  const inside = lazyInside(quiet);
  const specs = specsOf(wanted, { ...quiet, inside });
  const lock = await openLock({
    ...(await configuredLock(config)),
    onNew: 'quarantine',
    now: Date.now,
  });
  try {
    const surveys = await survey(specs, quiet, io);
    const accepted = await readAccepted(lock.path);
    const suspicionsOf = suspicionsIn(config, surveys, lock);
    const changes = surveys.flatMap((one) =>
      review(one, lock.rows(one.server), accepted, suspicionsOf),
    );
    const form = {
      lock: lock.path,
      json: values.json,
      diff: values.diff,
      command: `sallyport pin${values.config === undefined ? '' : ` --config ${values.config}`}`,
    };
    if (values.accept === undefined) return report({ changes, surveys }, form, io);
    if (wanted.length === 0) throw nothingNamed(changes);
    const chosen = choose(wanted, changes, lock, surveys);
    await accept(lock, chosen);
    printAccepted({ changes: chosen, surveys }, form, io);
    return surveys.some(isSilent) ? EXIT.environment : EXIT.ok;
  } finally {
    await lock[Symbol.asyncDispose]();
    await inside.close();
  }
}

/** Of servers that are not asked now, the accepted tools count. */
function suspicionsIn(
  config: Config,
  surveys: readonly Survey[],
  lock: Lock,
): ReturnType<typeof createAllSuspicions> {
  const scanJson = createScanJson(createScan(config.scan));
  const servers = enabledServers(config).map(({ name }) => name);
  const accepted = servers.flatMap((server) => lock.rows(server));
  const listed = surveys.flatMap(({ server, definitions }) =>
    definitions.tool.map((tool) => ({ server, name: definitionId('tool', tool) })),
  );
  return createAllSuspicions({
    tools: [...listed, ...accepted.filter(({ kind }) => kind === 'tool')],
    separator: config.catalogue.separator,
    scanDefinition: (definition) => scanJson(definition, 'tool-description'),
  });
}

const OPTIONS = {
  config: { type: 'string' },
  accept: { type: 'string', multiple: true },
  diff: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;
const NOTHING = '';

/** `--accept` with nothing behind it is a question: what could be accepted? */
function withNames(argv: readonly string[]): string[] {
  return argv.map((arg, at) => {
    const next = argv[at + 1];
    const isBare = arg === '--accept' && (next === undefined || next.startsWith('--'));
    return isBare ? `--accept=${NOTHING}` : arg;
  });
}

/** The servers that are named, or all of them. */
function specsOf(wanted: readonly string[], options: ServersOptions): UpstreamSpec[] {
  const known = enabledServers(options.config);
  const named = new Set(wanted.map((word) => serverOf(word)));
  for (const name of named)
    if (!known.some((server) => server.name === name))
      throw new Fault(visible(`Cannot accept ${name}: no such server is configured`), {
        hint: `configured: ${known.map((server) => server.name).join(', ') || 'none'}`,
      });
  return known
    .filter(({ name }) => named.size === 0 || named.has(name))
    .map((server) => ({
      name: server.name,
      open: channelOf(server, options),
      timeoutMs: server.timeoutMs,
    }));
}

function enabledServers(config: Config): Config['mcpServers'][string][] {
  return Object.values(config.mcpServers).filter(({ disabled }) => !disabled);
}

/** Names of servers have no slash; names of tools and URIs may. */
function serverOf(word: string): string {
  return word.split('/', 1)[0] ?? '';
}

function isSilent({ definitions, error }: Survey): boolean {
  return error !== undefined && Object.values(definitions).every((list) => list.length === 0);
}

function choose(
  wanted: readonly string[],
  changes: readonly Change[],
  lock: Lock,
  surveys: readonly Survey[],
): Change[] {
  const chosen = new Set<Change>();
  for (const word of wanted) {
    const server = serverOf(word);
    const name = word === server ? undefined : word.slice(server.length + 1);
    const found = changes.filter(
      (change) => change.server === server && (name === undefined || change.name === name),
    );
    if (name !== undefined && found.some(({ change }) => change === 'refused'))
      throw new Fault(visible(`Cannot accept ${word}: it is listed twice or has no usable name`));
    const isAccepted = lock.rows(server).some((row) => row.name === name);
    const isSick = surveys.some((one) => one.server === server && one.error !== undefined);
    if (name !== undefined && found.length === 0 && !isAccepted)
      throw new Fault(visible(`Cannot accept ${word}: ${server} does not list it`), {
        hint: 'sallyport pin shows what can be accepted',
        exit: isSick ? EXIT.environment : EXIT.usage,
      });
    for (const change of found) if (change.change !== 'refused') chosen.add(change);
  }
  return [...chosen];
}

async function accept(lock: Lock, chosen: readonly Change[]): Promise<void> {
  if (chosen.length === 0) return;
  const claims = chosen.flatMap(({ claim }) => (claim === undefined ? [] : [claim]));
  const removed = chosen.flatMap(({ change, row }) => (change === 'removed' && row ? [row] : []));
  await lock.accept(claims, removed);
}

function nothingNamed(changes: readonly Change[]): Fault {
  const names = changes
    .filter(({ change }) => change !== 'refused')
    .map(({ server, name }) => visible(`${server}/${name}`));
  return new Fault('Cannot accept: no server and no name is given', {
    hint:
      names.length === 0 ? 'there is nothing to accept' : `could be accepted: ${names.join(', ')}`,
  });
}

type Found = { readonly changes: readonly Change[]; readonly surveys: readonly Survey[] };
type Form = {
  readonly lock: string;
  readonly json: boolean;
  readonly diff: boolean;
  /** How this was called, for the next step to be copied. */
  readonly command: string;
};

function report(found: Found, form: Form, io: Io): number {
  const { changes, surveys } = found;
  const isSick = failures(surveys).length > 0;
  if (form.json) printJson(found, form, io);
  else {
    io.stdout.write(form.diff ? showDiff(changes) : showChanges(changes));
    const open = changes.filter(({ change }) => change !== 'refused');
    const servers = [...new Set(open.map(({ server }) => server))];
    if (servers.length > 0) io.stdout.write(`\n${form.command} --accept ${servers.join(' ')}\n`);
    else if (changes.length === 0 && !isSick) io.stdout.write('everything is as accepted\n');
  }
  if (changes.some(({ change }) => change !== 'removed')) return EXIT.no;
  return isSick ? EXIT.environment : EXIT.ok;
}

/** A server may answer this survey otherwise than the one the person read, so a change is shown as it is accepted. */
function printAccepted(found: Found, form: Form, io: Io): void {
  const { changes, surveys } = found;
  if (form.json) return printJson(found, { ...form, diff: true }, io);
  const isChanged = ({ change }: Change): boolean => change === 'changed' || form.diff;
  io.stdout.write(showChanges(changes.filter((change) => !isChanged(change))));
  io.stdout.write(showDiff(changes.filter(isChanged)));
  if (changes.length === 0 && !surveys.some(isSilent)) io.stdout.write('nothing to accept\n');
}

function printJson({ changes, surveys }: Found, { lock, diff }: Form, io: Io): void {
  const document = {
    lock,
    changes: changes.map(
      ({ change, server, kind, name, claim, row, proposal, suspicions, members }) => ({
        change,
        server,
        kind,
        name,
        ...(claim && { hash: definitionHash(kind, claim.definition) }),
        ...(proposal && { classes: proposal.classes }),
        ...(row && { accepted: row.entry }),
        ...(suspicions.length > 0 && { suspicions }),
        ...(diff && { members }),
      }),
    ),
    errors: failures(surveys),
  };
  io.stdout.write(`${visible(JSON.stringify(document, null, 2), '\n')}\n`);
}
