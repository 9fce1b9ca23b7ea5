import { createCatalogue } from '../catalogue/catalogue.ts';
import type { Catalogue, Entry as Entered } from '../catalogue/catalogue.ts';
import { definitionHash } from '../catalogue/definition.ts';
import { openLock } from '../catalogue/lock.ts';
import { createNames } from '../catalogue/names.ts';
import { withOwnServers } from '../catalogue/own-servers.ts';
import { withSharedCredentials } from '../catalogue/shared-credentials.ts';
import { visible } from '../lib/visible.ts';
import type { Config } from '../config/config.ts';
import { configuredLock, configuredPolicy } from '../configured-policy.ts';
import { loadConfig } from '../config/load.ts';
import { Denial } from '../denial.ts';
import { localCaller } from '../identity/local-caller.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { planTools } from '../open-plans.ts';
import { createSchemas } from '../plan/arguments.ts';
import { createScanJson } from '../scan/scan-json.ts';
import { createScan } from '../scan/scan.ts';
import { openServers } from '../servers.ts';
import { createSessions } from '../session.ts';
import type { Survey } from '../wire/survey.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';
import { failures, quietServers, survey } from './survey-config.ts';

const usage = `Usage: sallyport tools [--config FILE] [--as USER[:GROUP,…]] [--json]

Starts the configured servers and shows every tool: its name for the client, its name for policies and audit, its classes,
whether it is as accepted in the lock file, and whether a person has reviewed it. With plans in the configuration the
gateway's own tools are among them. Nothing is written.

  --as USER[:GROUP,…]   also whether this person would see it; without groups, those of identity.stdio when it is the same
                        user
  --config FILE         the configuration; by default as for sallyport check
  --json                one JSON document: { tools: [{ exposed, server, name, classes, dataClass, source, sink, pin,
                        reviewed, hash, quarantine: { reason, detail }, visible }], errors: [{ server, error }] }

Exit code: 0, or 3 when a server cannot be listed in full.
`;

export const command = {
  summary: 'all tools with class, pin state and who may see them',
  usage,
  run,
} satisfies Command;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values } = parseOptions('tools', argv, {
    config: { type: 'string' },
    as: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const path = values.config === undefined ? {} : { path: values.config };
  const config = await loadConfig({ ...path, env: io.env, cwd: io.cwd });
  const options = quietServers(config, io);
  const servers = await openServers(options);
  // A look must not be a first use.
  const lock = await openLock({
    ...(await configuredLock(config)),
    onNew: 'quarantine',
    now: Date.now,
  });
  try {
    const surveys = await survey(servers.specs, options, io);
    const catalogue = openCatalogue(config, {
      lock: withSharedCredentials(withOwnServers(lock, servers.own), config),
      names: createNames({
        servers: servers.specs.map(({ name }) => name),
        separator: config.catalogue.separator,
        single: false,
      }),
    });
    const errors = [...failures(surveys), ...fill(catalogue, surveys)];
    const entries = [...catalogue.entries('tool'), ...(await ownEntries(config))];
    const seen = values.as === undefined ? undefined : await seenBy(values.as, config, entries);
    io.stdout.write(values.json ? asJson(entries, errors, seen) : asTable(entries, seen));
    return errors.length > 0 ? EXIT.environment : EXIT.ok;
  } finally {
    await lock[Symbol.asyncDispose]();
    await servers.close();
  }
}

type Entry = Pick<Entered, 'exposed' | 'subject' | 'quarantine'>;

/** The gateway's own, which no server lists and no lock file has. */
async function ownEntries(config: Config): Promise<Entry[]> {
  return [...(await planTools(config))].map(([exposed, subject]) => ({ exposed, subject }));
}

/** Judges definitions as the gateway does. */
function openCatalogue(
  config: Config,
  parts: Pick<Parameters<typeof createCatalogue>[0], 'lock' | 'names'>,
): Catalogue {
  const scanJson = createScanJson(createScan(config.scan));
  const schemas = createSchemas();
  return createCatalogue({
    ...parts,
    scanDefinition: (definition) => scanJson(definition, 'tool-description'),
    compileSchemas: (definition) =>
      schemas.schemaProblem(definition, definitionHash('tool', definition)),
  });
}

/** What the list of this person would hold; an empty session, so nothing is hidden because of what was read before. */
async function seenBy(
  who: string,
  config: Config,
  entries: readonly Entry[],
): Promise<ReadonlySet<Entry>> {
  const { visible: mayList } = await configuredPolicy(config);
  const session = createSessions().open(localCaller(readPerson(who, config)));
  const whole = entries.filter(({ quarantine }) => quarantine === undefined);
  const subjects = whole.map(({ subject }) => subject);
  const allowed = new Set(mayList(session, 'tools/call', subjects));
  return new Set(whole.filter(({ subject }) => allowed.has(subject)));
}

function readPerson(who: string, { identity }: Config): { user: string; groups: string[] } {
  const [user = '', list] = who.split(':', 2);
  if (user === '') throw new Fault('Cannot run tools: --as needs USER or USER:GROUP,GROUP');
  const { stdio } = identity;
  if (list === undefined && stdio.kind === 'user' && stdio.user === user)
    return { user, groups: [...stdio.groups] };
  return { user, groups: (list ?? '').split(',').filter(Boolean) };
}

type Failures = readonly { readonly server: string; readonly error: string }[];

function fill(catalogue: Catalogue, surveys: readonly Survey[]): Failures {
  return surveys.flatMap(({ server, definitions }) => {
    try {
      catalogue.update(server, 'tool', definitions.tool);
      return [];
    } catch (error) {
      if (error instanceof Denial) return [{ server, error: error.message }];
      throw error;
    }
  });
}

type Seen = ReadonlySet<Entry> | undefined;

function asTable(entries: readonly Entry[], seen: Seen): string {
  const rows = entries.map((entry) => {
    const { exposed, subject, quarantine } = entry;
    return [
      visible(exposed),
      visible(`${subject.server}/${subject.name}`),
      subject.classes.join(' '),
      quarantine?.reason ?? 'accepted',
      subject.reviewed ? 'reviewed' : '-',
      ...(seen ? [seen.has(entry) ? 'visible' : '-'] : []),
    ];
  });
  const head = ['TOOL', 'IN POLICIES', 'CLASSES', 'PIN', 'REVIEWED', ...(seen ? ['VISIBLE'] : [])];
  const table = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function asJson(entries: readonly Entry[], errors: Failures, seen: Seen): string {
  const tools = entries.map((entry) => {
    const { exposed, subject, quarantine } = entry;
    const { server, name, classes, dataClass, source, sink, pin, reviewed, hash } = subject;
    return {
      exposed,
      server,
      name,
      classes,
      dataClass,
      source,
      sink,
      pin,
      reviewed,
      hash,
      ...(quarantine && { quarantine }),
      ...(seen && { visible: seen.has(entry) }),
    };
  });
  return `${visible(JSON.stringify({ tools, errors }, null, 2), '\n')}\n`;
}
