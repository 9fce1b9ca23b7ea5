import type { Config } from '../../config/config.ts';
import { carries } from '../../labels/labels.ts';
import type { HeldLabel, LabelFiles } from '../../labels/label-files.ts';
import { accountName } from '../../lib/account.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import type { Io } from '../command.ts';
import { recordDecision } from './record.ts';

type Named = {
  readonly [K in 'user' | 'issuer' | 'client']: string | undefined;
};

export type ClearOptions = {
  readonly user: string;
  readonly issuer: string | undefined;
  readonly client: string | undefined;
  /** None: all of them. */
  readonly labels: readonly string[];
  readonly reason: string;
};

/** Labels that sessions carry, of everybody or of those who are named. */
export function carriedLabels(files: LabelFiles, { user, issuer, client }: Named): HeldLabel[] {
  return files
    .everybody()
    .filter(
      (who) =>
        (user === undefined || who.subject === user) &&
        (issuer === undefined || who.issuer === issuer) &&
        (client === undefined || who.client === client),
    )
    .flatMap((who) => files.read(who).filter(carries));
}

/** Takes labels off the sessions of a person. What is read afterwards brings them again. */
export async function clearLabel(
  config: Config,
  files: LabelFiles,
  { user, issuer, client, labels, reason }: ClearOptions,
  io: Io,
): Promise<number> {
  const carried = carriedLabels(files, { user, issuer, client });
  const cleared = carried.filter(({ label }) => labels.length === 0 || labels.includes(label));
  const missing = labels.find((label) => !cleared.some((held) => held.label === label));
  if (missing !== undefined || cleared.length === 0)
    throw new Fault(
      visible(`Cannot clear ${missing ?? 'the labels'} of ${user}: no session carries it`),
      { hint: 'sallyport session show lists what sessions carry', exit: EXIT.no },
    );
  await recordDecision(
    config,
    'labels-cleared',
    cleared.map(({ label, who }) => ({ label, caller: { ...who }, reason })),
  );
  for (const held of cleared) {
    const time = Math.max(Date.now(), held.time + 1);
    files.write({ ...held, time, cleared: { by: accountName(), reason } });
    const { subject, client: program } = held.who;
    io.stdout.write(`${visible(`${subject} (${program}): no longer ${held.label}`)}\n`);
  }
  return EXIT.ok;
}
