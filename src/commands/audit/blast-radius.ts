import { existsSync } from 'node:fs';
import {
  blastRadius,
  type Radius,
  type RadiusScope,
  type Reached,
} from '../../audit/blast-radius.ts';
import { headPath, readHead } from '../../audit/head.ts';
import { readAuditKey } from '../../audit/key.ts';
import { verifyAudit, type Verification } from '../../audit/verify.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import type { Io } from '../command.ts';
import { places } from './places.ts';

export type RadiusOptions = Omit<RadiusScope, 'since'> & {
  readonly since: string | undefined;
  readonly path: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
};

/** Prints what was reached, read and sent. Of verified records alone: exit 1 where some are not. */
export async function showBlastRadius(options: RadiusOptions, io: Io): Promise<number> {
  const { session, user, tool, since } = options;
  const from = since === undefined ? -Infinity : Date.parse(since);
  if (Number.isNaN(from))
    throw new Fault('Cannot show the blast radius: --since is not a time', {
      hint: 'for example 2026-01-31T08:00:00Z',
    });
  if (session === undefined && user === undefined && tool === undefined && since === undefined)
    throw new Fault('Cannot show the blast radius: of what?', {
      hint: 'name a --session, --user or --tool, or a time with --since',
    });
  const { folder, keyPath } = await places(options, io);
  const runs = new Map<string, number>();
  const verification = await verifyAudit({
    path: folder,
    publicKey: existsSync(keyPath) ? readAuditKey(keyPath).publicKey : undefined,
    head: readHead(headPath(keyPath, folder)),
    onRun: (run, records) => void runs.set(run, records),
  });
  const radius = blastRadius(folder, runs, { session, user, tool, since: from });
  const text = options.json ? `${visible(asJson(radius, verification))}\n` : page(radius);
  io.stdout.write(text);
  const { problem } = verification;
  if (problem !== null)
    io.stderr.write(
      `${visible(`sallyport: not all is verified, what is not is left out: ${problem.file}: ${problem.what}`)}\n`,
    );
  return verification.ok ? EXIT.ok : EXIT.no;
}

function asJson(radius: Radius, { ok, problem }: Verification): string {
  const { callers, hosts, recipients, reached: _reached, unread, isCut, ...names } = radius;
  return JSON.stringify({
    verified: ok,
    problem,
    ...Object.fromEntries(Object.entries(names).map(([name, set]) => [name, list(set)])),
    callers: [...callers.values()],
    hosts: Object.fromEntries(most(hosts)),
    recipients: Object.fromEntries(most(recipients)),
    unread,
    isCut,
    reached: rows(radius).map(({ classes, source, sink, ...row }) => ({
      ...row,
      classes: list(classes),
      source: list(source),
      sink: list(sink),
    })),
  });
}

function page(radius: Radius): string {
  const { sessions, callers, servers, labels, hosts, recipients, unread, isCut } = radius;
  const lines = [
    line(
      'who',
      [...callers.values()].map(({ issuer, user, client }) =>
        issuer === client ? `${user} (${client})` : `${user} (${client}, ${issuer})`,
      ),
    ),
    line('sessions', [...sessions]),
    line('servers', [...servers]),
    line(
      'read',
      [...labels].map((label) => `${label} data`),
    ),
    line('hosts', counted(hosts)),
    line('recipients', counted(recipients)),
    ...(unread > 0
      ? [`of ${unread} calls the audit keeps digests alone: hosts and recipients are not known\n`]
      : []),
    ...(isCut ? ['there is more than is told apart here\n'] : []),
    '\n',
    ...rows(radius).flatMap(block),
  ];
  return lines.join('');
}

function block(row: Reached): string[] {
  const { subject, sent, answered, failed, marked, withheld, bytesOut, bytesIn, refused } = row;
  const counts = [
    `sent ${sent}`,
    `answered ${answered}`,
    ...(failed > 0 ? [`errors ${failed}`] : []),
    ...(marked > 0 ? [`marked ${marked}`] : []),
    ...(withheld > 0 ? [`withheld ${withheld}`] : []),
    ...Object.entries(refused).map(([code, count]) => `${code} ${count}`),
  ];
  return [
    `${visible(subject)}\n`,
    line('  calls', counts),
    line('  bytes', [`out ${bytesOut}`, `in ${bytesIn}`]),
    line('  classes', [...row.classes]),
    line('  labels', [...row.source]),
    line('  sinks', [...row.sink]),
    line('  time', [`${row.first} to ${row.last}`]),
  ];
}

const list = (set: ReadonlySet<string>): string[] => [...set].toSorted();

const counted = (map: ReadonlyMap<string, number>): string[] =>
  most(map).map(([name, count]) => `${name} (${count})`);

function line(what: string, values: readonly string[]): string {
  if (values.length === 0) return '';
  return `${what.padEnd(12)} ${values.map((value) => visible(value)).join(', ')}\n`;
}

/** What sent most comes first. */
function rows({ reached }: Radius): Reached[] {
  return [...reached.values()].toSorted((a, b) => b.sent - a.sent);
}

function most(map: ReadonlyMap<string, number>): [string, number][] {
  return [...map].toSorted(([, a], [, b]) => b - a);
}
