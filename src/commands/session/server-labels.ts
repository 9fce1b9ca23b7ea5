import {
  endOf,
  standing,
  type ServerLabelFiles,
  type Unread,
} from '../../labels/server-label-files.ts';

/** What servers have unread, of everybody. */
export function heldByServers(files: ServerLabelFiles, now: number): Unread[] {
  return files.everybody().known.flatMap((place) => standing(files.read(place), now));
}

/** Whether it is this person's alone; of nobody in particular, whether it is anybody's. */
export function isOf(
  { who }: Unread,
  user: string | undefined,
  issuer: string | undefined,
): boolean {
  return (
    (user === undefined || who?.subject === user) &&
    (issuer === undefined || who?.issuer === issuer)
  );
}

export function serverLine(unread: Unread): string {
  const { place, label, how, who, time } = unread;
  const whose = who === undefined ? 'several people' : `${who.subject} (${who.issuer})`;
  const end = endOf(unread);
  const until = Number.isFinite(end) ? `, until ${at(end)}` : '';
  return `${at(time)}  ${place.server} ${WORDS[how]} ${label} data of ${whose} that no model has read${until}`;
}

const WORDS = {
  stored: 'was given, and may keep,',
  given: 'was given',
  returned: 'has returned',
} as const satisfies Record<Unread['how'], string>;

export function serverJson(unread: Unread): object {
  const { place, label, how, who, time } = unread;
  const end = endOf(unread);
  return {
    server: place.server,
    label,
    how,
    ...(who && { issuer: who.issuer, user: who.subject }),
    time: at(time),
    ...(Number.isFinite(end) && { until: at(end) }),
  };
}

const at = (time: number): string => new Date(time).toISOString();
