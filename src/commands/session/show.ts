import type { Given } from '../../labels/label-files.ts';
import { EXIT } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import { bandOf, BANDS, standing } from '../../suspicion/bands.ts';
import type { BandEvent, Who } from '../../suspicion/bands.ts';
import type { EventFiles } from '../../suspicion/event-files.ts';
import type { Unread } from '../../labels/server-label-files.ts';
import { serverJson, serverLine } from './server-labels.ts';
import type { Io } from '../command.ts';

type Shown = Who & {
  readonly band: number;
  readonly events: readonly BandEvent[];
  readonly labels: readonly Given[];
};

/** Prints the sessions that are not calm or carry labels, and what servers have unread. */
export function showSessions(
  files: EventFiles,
  people: readonly Who[],
  labels: readonly Given[],
  servers: readonly Unread[],
  json: boolean,
  io: Io,
): number {
  const sessions = everyone(people, labels)
    .map((who): Shown => {
      const events = files.read(who);
      const own = labels.filter((held) => isSame(held.who, who));
      return { ...who, band: bandOf(events), events: standing(events), labels: own };
    })
    .filter((one) => one.band > 0 || one.labels.length > 0);
  if (json) {
    io.stdout.write(
      `${visible(JSON.stringify({ sessions: sessions.map(asJson), servers: servers.map(serverJson) }))}\n`,
    );
    return EXIT.ok;
  }
  if (sessions.length === 0) io.stdout.write('every session is calm\n');
  for (const { issuer, subject, band, events, labels: own } of sessions) {
    io.stdout.write(visible(`${subject} (${issuer}): band ${band}, ${BANDS[band] ?? ''}`) + '\n');
    for (const event of events) io.stdout.write(`  ${visible(line(event))}\n`);
    for (const { label, who, time } of own)
      io.stdout.write(`  ${visible(`${at(time)}  has read ${label} data  with ${who.client}`)}\n`);
  }
  if (servers.length > 0) io.stdout.write('servers:\n');
  for (const unread of servers) io.stdout.write(`  ${visible(serverLine(unread))}\n`);
  return EXIT.ok;
}

const isSame = (one: Who, other: Who): boolean =>
  one.issuer === other.issuer && one.subject === other.subject;

function everyone(people: readonly Who[], labels: readonly Given[]): Who[] {
  const all = [...people];
  for (const { who } of labels) if (!all.some((one) => isSame(one, who))) all.push(who);
  return all.map(({ issuer, subject }) => ({ issuer, subject }));
}

function asJson({ issuer, subject, band, events, labels }: Shown): object {
  return {
    issuer,
    user: subject,
    band,
    events: events.map(({ who: _who, time, ...event }) => ({ time: at(time), ...event })),
    labels: labels.map(({ label, who, time }) => ({ label, client: who.client, time: at(time) })),
  };
}

function line({ time, kind, server, name, traceId, to, reason, by }: BandEvent): string {
  return [
    at(time),
    kind,
    ...(server === undefined ? [] : [`${server}/${name ?? ''}`]),
    ...(traceId === undefined ? [] : [`trace ${traceId}`]),
    ...(to === undefined ? [] : [`to band ${to}`]),
    ...(by === undefined ? [] : [`by ${by}`]),
    ...(reason === undefined ? [] : [reason]),
  ].join('  ');
}

const at = (time: number): string => new Date(time).toISOString();
