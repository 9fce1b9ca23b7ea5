import type { Config } from '../../config/config.ts';
import { standing, type Given, type LabelFiles } from '../../labels/label-files.ts';
import { accountName } from '../../lib/account.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import type { Io } from '../command.ts';
import { recordDecision } from '../record-decision.ts';

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
  for (const { label, who, time } of cleared) {
    // What has been read since it was looked up stays.
    files.write({ kind: 'cut', who, label, until: time, by: accountName(), reason });
    io.stdout.write(`${visible(`${who.subject} (${who.client}): no longer ${label}`)}\n`);
  }
  return EXIT.ok;
}

/** Of each label the last time that a process gave it. */
function newest(given: readonly Given[]): Given[] {
  const last = new Map<string, Given>();
  for (const one of given)
    if (one.time >= (last.get(one.label)?.time ?? 0)) last.set(one.label, one);
  return [...last.values()];
}
