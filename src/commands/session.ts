import { openAuditKey, type AuditKey } from '../audit/key.ts';
import type { Config } from '../config/config.ts';
import { createLabelFiles } from '../labels/label-files.ts';
import { createServerLabelFiles } from '../labels/server-label-files.ts';
import { accountName } from '../lib/account.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';
import { stateLayout } from '../state/layout.ts';
import { bandOf, BANDS, READING_ONLY } from '../suspicion/bands.ts';
import type { BandEvent, Who } from '../suspicion/bands.ts';
import { createEventFiles, type EventFiles } from '../suspicion/event-files.ts';
import { isInsideGateway } from './approvals/inside-gateway.ts';
import type { Command, Io } from './command.ts';
import { configOf } from './config-of.ts';
import { parseOptions } from './parse-options.ts';
import { carriedLabels, clearLabel } from './session/clear-label.ts';
import { recordDecision } from './record-decision.ts';
import { heldByServers, isOf } from './session/server-labels.ts';
import { showSessions } from './session/show.ts';

const usage = `Usage: sallyport session show [USER] [--json]
       sallyport session lower USER [--to N] [--reason TEXT]
       sallyport session quarantine USER [--reason TEXT]
       sallyport session clear-label USER [LABEL…] [--client C] [--reason TEXT]
       sallyport session clear-label --server S [LABEL…] [--reason TEXT]

What the detector finds in results raises the escalation band of the person's session, with every client and in every
gateway of this state: 0 calm; 1 careful, what cannot be taken back or leaves the house asks; 2 reading only; 3 quarantined,
nothing at all. What a session has read labels it (untrusted, private, secret, …), for one client program each; labels end
after 12 hours without a call. What a server was given that no model has read labels the results of that server.

  show           the sessions that are not calm or carry labels: their band, what raised it, what they have read; and what
                 servers have that no model has read
  lower          a person has looked and decides: back to band N, 0 unless --to says otherwise; running gateways obey
                 within a second and tell their clients that their lists have changed
  quarantine     refuses every call of this person as "quarantined" in every gateway within a second, until somebody lowers
                 the band; calls under way are cancelled, and what waits to be fetched is kept back
  clear-label    a person has looked and decides: the session no longer counts as one that has read this, nor a server as
                 one that has it of this person; without LABEL, all of it. What is read or given afterwards counts again
  --client C     the labels of this client program alone, and of no server
  --server S     what this server has, whoever gave it, and of no session
  --issuer URL   whose USER, where several have one of this name
  --config FILE  the configuration of the gateway; by default as for sallyport approvals
  --json         one JSON document: { sessions: [{ issuer, user, band, events: [{ time, kind, server, name, traceId, to,
                 reason }], labels: [{ label, client, time }] }], servers: [{ server, label, how, issuer, user,
                 time, until }] }

A file that no gateway of this state wrote is named on stderr. Whose it is counts as one who has read anything until it can be
read; look at it before you remove it.

Exit code: 0; 1 nothing is known of this person, there is nothing to lower, or not all could be read; 2 wrong use.
`;

export const command = {
  summary: 'what sessions have read and met: see it, clear labels, lower bands, quarantine',
  usage,
  run,
} satisfies Command;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseOptions(
    'session',
    argv,
    {
      config: { type: 'string' },
      issuer: { type: 'string' },
      client: { type: 'string' },
      server: { type: 'string' },
      to: { type: 'string' },
      reason: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    true,
  );
  const { issuer, client, server, reason = '' } = values;
  const [action, ...rest] = positionals;
  const user = server === undefined ? rest[0] : undefined;
  const more = server === undefined ? rest.slice(1) : rest;
  if (server !== undefined && (action !== 'clear-label' || (issuer ?? client) !== undefined))
    throw new Fault(
      'Cannot run session: --server is for clear-label, and goes with neither --client nor --issuer',
    );
  if (more.length > 0 && action !== 'clear-label')
    throw new Fault(`Cannot run session: unexpected ${JSON.stringify(more[0])}`);
  const config = await configOf(values.config, io);
  const layout = stateLayout(config.state.path);
  const key = (): AuditKey => openAuditKey(layout.auditKey);
  const files = createEventFiles(layout.suspicion, key, Date.now);
  const labels = createLabelFiles(layout.labels, key, Date.now);
  const servers = createServerLabelFiles(layout.serverLabels, key, Date.now);
  const unreadable = [files, labels, servers].flatMap((kept) => kept.everybody().unreadable);
  for (const problem of unreadable) io.stderr.write(`warning: ${visible(problem)}\n`);
  if (action === 'show') {
    const carried = carriedLabels(labels, { user, issuer, client });
    const held = heldByServers(servers, Date.now()).filter(
      (unread) => unread.who === undefined || isOf(unread, user, issuer),
    );
    const people = matching(files, user, issuer);
    const shown = showSessions(files, people, carried, held, values.json, io);
    return unreadable.length === 0 ? shown : EXIT.no;
  }
  if (action !== 'lower' && action !== 'quarantine' && action !== 'clear-label')
    throw new Fault('Cannot run session: it takes show, lower, quarantine or clear-label');
  if (user === undefined && server === undefined)
    throw new Fault(`Cannot run session ${action}: whose?`);
  if (isInsideGateway())
    throw new Fault(`Cannot run session ${action}: a gateway runs this, and it is for a person`, {
      hint: 'run it in a terminal of your own',
      exit: EXIT.no,
    });
  if (action === 'clear-label')
    return await clearLabel(
      config,
      { sessions: labels, servers },
      { user, issuer, client, server, labels: more, reason },
      io,
    );
  if (user === undefined) throw new Fault(`Cannot run session ${action}: whose?`);
  const decision = {
    reason: values.reason,
    to: action === 'lower' ? bandFrom(values.to) : undefined,
  };
  const who =
    action === 'lower'
      ? one(matching(files, user, values.issuer), user)
      : named(files, user, values.issuer);
  return await decide(config, files, who, { kind: action, ...decision }, io);
}

function bandFrom(text = '0'): number {
  const band = Number(text);
  if (text.trim() !== '' && Number.isInteger(band) && band >= 0 && band <= READING_ONLY)
    return band;
  throw new Fault(`Cannot run session lower: --to takes 0 to ${READING_ONLY}`);
}

function matching(files: EventFiles, user: string | undefined, issuer: string | undefined): Who[] {
  return files
    .everybody()
    .known.filter(
      (who) =>
        (user === undefined || who.subject === user) &&
        (issuer === undefined || who.issuer === issuer),
    );
}

function one(people: readonly Who[], user: string): Who {
  const [who, other] = people;
  if (who === undefined)
    throw new Fault(visible(`Cannot lower the band of ${user}: nothing is known of them`), {
      hint: 'sallyport session show lists who is known',
      exit: EXIT.no,
    });
  if (other !== undefined)
    throw new Fault(visible(`Cannot tell which ${user} is meant`), {
      hint: `--issuer ${people.map(({ issuer }) => visible(issuer)).join(' or --issuer ')}`,
    });
  return who;
}

/** One of whom nothing is known yet may be quarantined: on this machine, or with an issuer. */
function named(files: EventFiles, user: string, issuer: string | undefined): Who {
  const people = matching(files, user, issuer);
  return people.length === 0 ? { issuer: issuer ?? 'local', subject: user } : one(people, user);
}

type Decision = {
  readonly kind: 'lower' | 'quarantine';
  readonly to: number | undefined;
  readonly reason: string | undefined;
};

async function decide(
  config: Config,
  files: EventFiles,
  who: Who,
  { kind, to, reason }: Decision,
  io: Io,
): Promise<number> {
  const events = files.read(who);
  const before = bandOf(events);
  if (kind === 'lower' && (to ?? 0) >= before)
    throw new Fault(visible(`Cannot lower the band of ${who.subject}: it is ${before}`), {
      exit: EXIT.no,
    });
  const event: BandEvent = {
    time: Math.max(Date.now(), ...events.map(({ time }) => time + 1)),
    kind,
    who,
    ...(to !== undefined && { to }),
    ...(reason !== undefined && { reason }),
    by: accountName(),
  };
  const { issuer, subject } = who;
  const after = bandOf([...events, event]);
  await recordDecision(config, 'session-band', [
    { kind, before, after, user: { issuer, subject }, reason },
  ]);
  files.add(event);
  io.stdout.write(
    `${visible(who.subject)}: band ${after}, ${BANDS[after] ?? ''} (was ${before})\n`,
  );
  return EXIT.ok;
}
