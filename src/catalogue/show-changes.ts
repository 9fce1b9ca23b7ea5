import type { JsonValue } from '../lib/json.ts';
import { definitionHash } from './definition.ts';
import type { Change, MemberChange } from './review.ts';
import { visible } from '../lib/visible.ts';

const SIGNS = { new: '+', changed: '~', removed: '-', refused: '!' } as const;

/** One line a change, for a person at a terminal: what an upstream wrote cannot move the cursor or hide. */
export function showChanges(changes: readonly Change[]): string {
  const rows = changes.map((change) => [nameOf(change), change] as const);
  const width = Math.min(48, Math.max(0, ...rows.map(([name]) => name.length)));
  return rows
    .map(
      ([name, change]) =>
        `${SIGNS[change.change]} ${name.padEnd(width)}  ${describe(change)}\n${showSuspicions(change)}`,
    )
    .join('');
}

const MAX_TOLD = 8;

/** `!!` keeps it back until a person has reviewed it, `?` is for that person's eye alone. */
function showSuspicions({ suspicions }: Change): string {
  const more = suspicions.length - MAX_TOLD;
  return [
    ...suspicions
      .slice(0, MAX_TOLD)
      .map(
        ({ check, pointer, detail, grave }) =>
          `${grave ? '!!' : '?'} ${check} ${pointer}: ${detail}`,
      ),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
    .map((line) => `    ${visible(line)}\n`)
    .join('');
}

function nameOf({ server, name }: Change): string {
  return visible(`${server}/${name === '' ? '(no name)' : name}`);
}

function describe({ change, kind, proposal, row }: Change): string {
  if (change === 'refused') return `${kind}, listed twice or without a usable name`;
  const looks = proposal?.classes.join(' ') ?? '';
  const held = row?.entry.classes.join(' ') ?? '';
  if (change === 'removed')
    return `${kind}, no longer listed (was ${held}${row?.entry.handle === true ? ', its results handles' : ''})`;
  const differs = change === 'changed' && looks !== held;
  return `${kind}, ${change}, looks like ${looks}${differs ? `, the lock file says ${held}` : ''}`;
}

/** The members of each change, before and after. */
export function showDiff(changes: readonly Change[]): string {
  return changes
    .filter(({ change }) => change !== 'removed')
    .map((change) => {
      const hash = change.claim && definitionHash(change.kind, change.claim.definition);
      const title = `${SIGNS[change.change]} ${nameOf(change)}  ${describe(change)}\n  ${hash ?? ''}\n${showSuspicions(change)}`;
      if (change.members.length > 0) return title + change.members.map(showMember).join('');
      const note = '  (the accepted text is not at hand; this is the new one)\n';
      const after = change.claim?.definition;
      return title + note + (after ? indent('+', JSON.stringify(after, null, 2)) : '');
    })
    .join('\n');
}

function showMember({ pointer, before, after }: MemberChange): string {
  const [old, fresh] = shorten(text(before), text(after));
  return [
    `  ${visible(pointer)}\n`,
    before === undefined ? '' : indent('-', old),
    after === undefined ? '' : indent('+', fresh),
  ].join('');
}

function text(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

const CONTEXT = 60;

/** Cuts what two long texts share at the start and at the end; what differs is always shown whole. */
function shorten(before: string, after: string): [string, string] {
  const shortest = Math.min(before.length, after.length);
  let start = 0;
  while (start < shortest && before[start] === after[start]) start++;
  let end = 0;
  while (end < shortest - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const from = start > CONTEXT ? start - CONTEXT : 0;
  const cut = end > CONTEXT ? end - CONTEXT : 0;
  const [old, fresh] = [before, after].map(
    (one) => `${from > 0 ? '… ' : ''}${one.slice(from, one.length - cut)}${cut > 0 ? ' …' : ''}`,
  );
  return [old ?? '', fresh ?? ''];
}

function indent(sign: string, lines: string): string {
  return lines
    .split('\n')
    .map((line) => `    ${sign} ${visible(line)}\n`)
    .join('');
}
