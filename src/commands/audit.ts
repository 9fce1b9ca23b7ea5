import { existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { EVENTS, isAuditEvent } from '../audit/events.ts';
import { recordBlock, tableHead, tableRow, userOf } from '../audit/format-record.ts';
import { headPath, readHead } from '../audit/head.ts';
import { readAuditKey } from '../audit/key.ts';
import { readRecords } from '../audit/read-records.ts';
import type { AuditRecord } from '../audit/record.ts';
import { verifyAudit, type Verification } from '../audit/verify.ts';
import { visible } from '../lib/visible.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { stateLayout } from '../state/layout.ts';
import { createWithheld, WITHHELD_LIMIT } from '../state/withheld.ts';
import { showBlastRadius } from './audit/blast-radius.ts';
import { places } from './audit/places.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';

const USAGE = `Usage: sallyport audit verify   [--path DIR | --config FILE] [--key HEX] [--json]
       sallyport audit show     [--trace ID] [--user U] [--event E] [--since TIME] [--limit N] [--json]
       sallyport audit trace ID [--json]
       sallyport audit withheld [ID] [--json]
       sallyport audit blast-radius [--session ID] [--user U] [--tool S/T] [--since TIME] [--json]

verify    checks every record, link and signature; exit 1 names the first that is wrong
show      prints one line a record, oldest first; --limit keeps the newest
trace     prints everything about one call
withheld  lists the outputs that were kept back, or shows one to a person
blast-radius  what was reached, read and sent, by verified records alone; all that is named must be so. Hosts and recipients
          in arguments are known where audit.arguments is redacted

  --path DIR     the audit folder; by default the one of the configuration, without one ~/.local/state/sallyport/audit
  --config FILE  the configuration that names the folder; by default as for sallyport check
  --key HEX      verify: the public key that must have signed, 64 hex digits
  --trace ID     records of this trace; a beginning of 6 digits is enough
  --user U       records of this user
  --session ID   blast-radius: of this session, as records name it
  --tool S/T     blast-radius: of this tool, prompt or resource
  --since TIME   records from this time on, ISO 8601
  --limit N      the newest N records
  --json         one JSON document
  --event E      records of this event, one of
                 ${Object.keys(EVENTS)
                   .join(' ')
                   .replaceAll(/(.{1,75})(?: |$)/g, '$1\n                 ')
                   .trimEnd()}

Exit code: 0, or 1 when the audit is not verified or there is no such trace or output.
`;

const OPTIONS = {
  path: { type: 'string' },
  config: { type: 'string' },
  key: { type: 'string' },
  trace: { type: 'string' },
  user: { type: 'string' },
  session: { type: 'string' },
  tool: { type: 'string' },
  event: { type: 'string' },
  since: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>['values'];
type Action = (values: Values, positionals: readonly string[], io: Io) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = {
  verify,
  show,
  trace,
  withheld,
  'blast-radius': radius,
};

function parse(argv: readonly string[]) {
  return parseOptions('audit', argv, OPTIONS, true);
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(argv);
  const [name = '', ...rest] = positionals;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action)
    throw new Fault(
      `Cannot run audit: ${name === '' ? 'say what to do' : 'there is no such word'}`,
      {
        hint: `one of ${Object.keys(ACTIONS).join(', ')}`,
      },
    );
  return await action(values, rest, io);
}

async function verify(values: Values, positionals: readonly string[], io: Io): Promise<number> {
  noMore(positionals, 0);
  if (values.key !== undefined && !/^[0-9a-f]{64}$/.test(values.key))
    throw new Fault('Cannot verify: --key is not 64 hex digits');
  const { folder, keyPath } = await places(values, io);
  const kept = existsSync(keyPath) ? readAuditKey(keyPath).publicKey : undefined;
  const found = await verifyAudit({
    path: folder,
    publicKey: values.key ?? kept,
    head: existsSync(folder) ? readHead(headPath(keyPath, folder)) : undefined,
  });
  io.stdout.write(
    values.json ? `${JSON.stringify({ path: folder, ...found })}\n` : report(folder, found),
  );
  return found.ok ? EXIT.ok : EXIT.no;
}

function report(folder: string, found: Verification): string {
  const { runs, segments, records, checkpoints, publicKey, keyConfirmed, problem } = found;
  const extent = problem
    ? `${records} records verified before the first bad one`
    : `${records} records in ${segments} segments of ${runs} runs, ${checkpoints} checkpoints`;
  const lines = [
    `${folder}: ${extent}`,
    `key ${publicKey ?? 'unknown'}${keyConfirmed ? '' : ' (as the folder itself says; confirm it with --key)'}`,
    ...found.warnings.map((warning) => `warning: ${warning}`),
  ];
  if (problem) {
    const line = problem.line === null ? '' : `, line ${problem.line}`;
    const seq = problem.seq === null ? '' : `, seq ${problem.seq}`;
    lines.push(`not verified: ${problem.file}${line}${seq}: ${problem.what}`);
  } else lines.push('verified');
  return `${lines.map((line) => visible(line)).join('\n')}\n`;
}

async function show(values: Values, positionals: readonly string[], io: Io): Promise<number> {
  noMore(positionals, 0);
  const { folder } = await places(values, io);
  const records = newest(select(folder, values, io), limitOf(values));
  await print(records, values.json === true, { head: tableHead(), one: tableRow }, io);
  return EXIT.ok;
}

async function trace(values: Values, positionals: readonly string[], io: Io): Promise<number> {
  noMore(positionals, 1);
  const [id] = positionals;
  if (id === undefined) throw new Fault('Cannot show a trace: say which one');
  const { folder } = await places(values, io);
  const records = select(folder, { ...values, trace: id }, io);
  const count = await print(records, values.json === true, { head: '', one: recordBlock }, io);
  return count > 0 ? EXIT.ok : EXIT.no;
}

async function withheld(values: Values, positionals: readonly string[], io: Io): Promise<number> {
  noMore(positionals, 1);
  const { config } = await places(values, io);
  const store = createWithheld({
    path: stateLayout(config.state.path).withheld,
    now: () => new Date(),
    limit: WITHHELD_LIMIT,
  });
  const [id] = positionals;
  if (id === undefined) {
    const entries = store.list();
    const lines = entries.map(
      (entry) => `${entry.id}  ${entry.time.toISOString()}  ${entry.bytes} bytes\n`,
    );
    io.stdout.write(values.json ? `${JSON.stringify({ withheld: entries })}\n` : lines.join(''));
    return EXIT.ok;
  }
  const original = store.get(id);
  if (!original) {
    io.stderr.write('sallyport: Cannot show the output: there is none of this id\n');
    return EXIT.no;
  }
  const text = JSON.stringify({ id, ...original }, null, values.json ? 0 : 2);
  io.stdout.write(values.json ? `${text}\n` : `${visible(text, '\n')}\n`);
  return EXIT.ok;
}

async function radius(values: Values, positionals: readonly string[], io: Io): Promise<number> {
  noMore(positionals, 0);
  const { session, user, tool, since, path, config, json = false } = values;
  return await showBlastRadius({ session, user, tool, since, path, config, json }, io);
}

/** The records that were asked for. Complains about wrong use at once, not when the first one is read. */
function select(folder: string, values: Values, io: Io): Iterable<AuditRecord> {
  if (!existsSync(folder)) throw new Fault(`Cannot read ${folder}: there is no such folder`);
  const { trace: id, user, event, since } = values;
  if (id !== undefined && !/^[0-9a-f]{6,32}$/.test(id))
    throw new Fault('Cannot show a trace: its id has 6 to 32 lower-case hex digits');
  if (event !== undefined && !isAuditEvent(event))
    throw new Fault(`Cannot show ${visible(event)}: there is no such event`, {
      hint: Object.keys(EVENTS).join(' '),
    });
  const from = since === undefined ? -Infinity : Date.parse(since);
  if (Number.isNaN(from))
    throw new Fault('Cannot show records: --since is not a time', {
      hint: 'for example 2026-01-31T08:00:00Z',
    });
  function* matching(): Generator<AuditRecord> {
    let unreadable = 0;
    for (const record of readRecords(folder, () => unreadable++))
      if (
        (id === undefined || record.traceId.startsWith(id)) &&
        (user === undefined || userOf(record) === user) &&
        (event === undefined || record.event === event) &&
        Date.parse(record.time) >= from
      )
        yield record;
    if (unreadable > 0)
      io.stderr.write(
        `sallyport: ${unreadable} lines are no records; run sallyport audit verify\n`,
      );
  }
  return matching();
}

function limitOf({ limit }: Values): number | undefined {
  if (limit === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/.test(limit))
    throw new Fault('Cannot show records: --limit is not a number');
  return Number(limit);
}

/** The last `limit` of them, in order. */
function* newest(
  records: Iterable<AuditRecord>,
  limit: number | undefined,
): Generator<AuditRecord> {
  if (limit === undefined) {
    yield* records;
    return;
  }
  let kept: AuditRecord[] = [];
  for (const record of records) {
    kept.push(record);
    if (kept.length >= limit * 2) kept = kept.slice(-limit);
  }
  yield* kept.slice(-limit);
}

type Form = { readonly head: string; readonly one: (record: AuditRecord) => string };

/** Writes as fast as the reader of stdout takes it, and returns how many there were. */
async function print(
  records: Iterable<AuditRecord>,
  json: boolean,
  { head, one }: Form,
  io: Io,
): Promise<number> {
  let count = 0;
  function* text(): Generator<string> {
    yield json ? '[' : head;
    for (const record of records) {
      yield json ? `${count === 0 ? '' : ','}${JSON.stringify(record)}` : one(record);
      count++;
    }
    if (json) yield ']\n';
  }
  await pipeline(text, io.stdout, { end: false }).catch((thrown: unknown) => {
    // A reader that has seen enough (`| head`) is no failure.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE')) throw thrown;
  });
  return count;
}

function noMore(positionals: readonly string[], most: number): void {
  if (positionals.length > most)
    throw new Fault(`Cannot run audit: ${visible(positionals[most] ?? '')} is one word too many`);
}

export const command = {
  summary: 'verify and read the record of what happened',
  usage: USAGE,
  run,
} satisfies Command;
