import type { Config } from '../../config/config.ts';
import { standing, type Given, type LabelFiles } from '../../labels/label-files.ts';
import type { ServerLabelFiles } from '../../labels/server-label-files.ts';
import { accountName } from '../../lib/account.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import type { Io } from '../command.ts';
import { recordDecision } from '../record-decision.ts';
import { heldByServers, isOf } from './server-labels.ts';

type Named = {
  readonly [K in 'user' | 'issuer' | 'client']: string | undefined;
};

export type ClearOptions = {
  /** Whose; absent: everybody's at `server`. */
  readonly user: string | undefined;
  /** Of this server alone; absent: of sessions, and of servers that have something of `user`'s. */
  readonly server: string | undefined;
  readonly issuer: string | undefined;
  readonly client: string | undefined;
  /** None: all of them. */
  readonly labels: readonly string[];
  readonly reason: string;
};

/** Labels that sessions carry, of everybody or of those who are named. */
export function carriedLabels(files: LabelFiles, { user, issuer, client }: Named): Given[] {
  return files
    .everybody()
    .known.filter(
      (who) =>
        (user === undefined || who.subject === user) &&
        (issuer === undefined || who.issuer === issuer) &&
        (client === undefined || who.client === client),
    )
    .flatMap((who) => newest(standing(files.read(who))));
}

export type LabelledFiles = { readonly sessions: LabelFiles; readonly servers: ServerLabelFiles };

/** Takes labels off the sessions of a person and off servers. What is read or given afterwards brings them again. */
export async function clearLabel(
  config: Config,
  files: LabelledFiles,
  { user, issuer, client, server, labels, reason }: ClearOptions,
  io: Io,
): Promise<number> {
  const isMeant = ({ label }: { label: string }): boolean =>
    labels.length === 0 || labels.includes(label);
  const ofSessions =
    server === undefined ? carriedLabels(files.sessions, { user, issuer, client }) : [];
  const ofServers = heldByServers(files.servers, Date.now()).filter(
    (one) =>
      // Servers know no client programs: whoever names one means what that has read.
      client === undefined &&
      (server === undefined ? isOf(one, user, issuer) : one.place.server === server),
  );
  const read = ofSessions.filter(isMeant);
  const unread = ofServers.filter(isMeant);
  const missing = labels.find((label) => ![...read, ...unread].some((one) => one.label === label));
  if (missing !== undefined || (read.length === 0 && unread.length === 0))
    throw new Fault(
      visible(`Cannot clear ${missing ?? 'the labels'} of ${server ?? user}: nothing carries it`),
      { hint: 'sallyport session show lists what sessions and servers carry', exit: EXIT.no },
    );
  await recordDecision(config, 'labels-cleared', [
    ...read.map(({ label, who }) => ({ label, caller: { ...who }, reason })),
    ...unread.map(({ label, how, place, who }) => ({
      label,
      how,
      server: place.server,
      ...(who && { user: { ...who } }),
      reason,
    })),
  ]);
  const cut = { kind: 'cut', by: accountName(), reason } as const;
  // What has been read or given since it was looked up stays.
  for (const { label, who, time } of read) {
    files.sessions.write({ ...cut, who, label, until: time });
    io.stdout.write(`${visible(`${who.subject} (${who.client}): no longer ${label}`)}\n`);
  }
  for (const { label, how, place, time } of unread)
    files.servers.write({ ...cut, place, label, how, until: time });
  for (const line of new Set(
    unread.map(({ label, place }) => `${place.server} (server): no longer ${label}`),
  ))
    io.stdout.write(`${visible(line)}\n`);
  return EXIT.ok;
}

/** Of each label the last time that a process gave it. */
function newest(given: readonly Given[]): Given[] {
  const last = new Map<string, Given>();
  for (const one of given)
    if (one.time >= (last.get(one.label)?.time ?? 0)) last.set(one.label, one);
  return [...last.values()];
}
