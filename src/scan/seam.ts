import { isJsonObject, type JsonValue } from '../lib/json.ts';
import type { Channel } from './channel.ts';
import type { Scanning } from './scan.ts';
import type { ScanEventually } from './scan-json.ts';
import { stringsOf } from './strings.ts';

/** The end of what one server said before, by member of the result and of all; what a model has read last. */
export type Tails = ReadonlyMap<string, string>;

/** UTF-16 code units on either side of a seam. */
const SIDE = 512;
const GRAVITY = { pass: 0, mark: 1, block: 2 } as const;

/** The end of what was said before and the start of what is said now. */
export type Seam = { readonly member: string; readonly tail: string; readonly head: string };

/**
 * Where a result goes on from the one before it: an attack that is cut in two is whole only there. What is shorter than a
 * side is put to what was before it, so that it may not be cut in five either. Bounded: a few KB, whatever the results.
 */
export function seamsOf(before: Tails, value: JsonValue): { seams: readonly Seam[]; tails: Tails } {
  // A result without a member is no reason to forget what that member said last.
  const tails = new Map(before);
  const seams: Seam[] = [];
  for (const [member, text] of membersOf(value)) {
    if (text === '') continue;
    const tail = before.get(member) ?? '';
    const head = text.slice(0, SIDE);
    tails.set(member, `${text.length < SIDE ? `${tail}\n` : ''}${text}`.slice(-SIDE));
    if (tail === '') continue;
    if (!seams.some((one) => one.tail === tail && one.head === head))
      seams.push({ member, tail, head });
  }
  return { seams, tails };
}

/** What the seams say that neither side says by itself; nothing where they say no more. */
export async function scanSeams(
  seams: readonly Seam[],
  channel: Channel,
  scan: ScanEventually,
): Promise<Scanning | undefined> {
  let gravest: Scanning | undefined;
  for (const { member, tail, head } of seams) {
    const both = await scan(`${tail}\n${head}`, channel);
    if (both.verdict === 'pass' || !hasRule(both)) continue;
    const sides = [await scan(tail, channel), await scan(head, channel)];
    if ([...sides, gravest].some((one) => one && !isGraver(both, one))) continue;
    const findings = both.findings.map((one) => within(one, tail.length + 1, member));
    gravest = { ...both, findings };
  }
  return gravest;
}

/** What was learned knows no cut texts: two harmless ones side by side are no sentence of anybody's. */
function hasRule({ findings }: Scanning): boolean {
  return findings.some(({ rule }) => rule !== 'learned');
}

export function isGraver(one: Scanning, other: Scanning): boolean {
  return GRAVITY[one.verdict] > GRAVITY[other.verdict];
}

/** Where a finding stands in the second of the two. */
function within(finding: Scanning['findings'][number], cut: number, member: string): Scanning['findings'][number] {
  return {
    ...finding,
    view: `${finding.view} seam /${member}`.slice(0, 160),
    start: Math.max(0, finding.start - cut),
    end: Math.max(0, finding.end - cut),
  };
} // prettier-ignore

const MEMBERS = new Set(['content', 'structuredContent', 'contents', 'messages']);
/** All members together: an attack may begin in one and end in another. */
const ALL = '';
/** The place of the text of an item in `content`, `contents` or `messages`. Nobody reads what stands beside it. */
const TEXT = /^\/#(?:\/content(?:\/#)?)?(?:\/resource)?\/text$/;

/** What a model reads of each member of a result of MCP, of all others together and of all: whatever a server sends, they are few. */
function membersOf(value: JsonValue): [member: string, text: string][] {
  if (!isJsonObject(value)) return [];
  const whole: string[] = [];
  const texts = new Map([[ALL, whole]]);
  for (const [name, part] of Object.entries(value)) {
    if (name === '_meta') continue;
    const member = MEMBERS.has(name) ? name : '*';
    const all = member === '*' || member === 'structuredContent';
    const own = texts.get(member) ?? [];
    texts.set(member, own);
    for (const { key, place, text } of stringsOf(part ?? null)) {
      if (key || !(all || TEXT.test(place.column))) continue;
      const read = withoutBlanks(text);
      if (read === '') continue;
      own.push(read);
      whole.push(read);
    }
  }
  return Array.from(texts, ([member, all]) => [member, ends(all)]);
}

/** What nobody sees would keep two halves apart. Characters that spell a text without being seen are not blank. */
function withoutBlanks(text: string): string {
  return text.replaceAll(BLANKS, (run) => (/\s/.test(run) ? ' ' : '')).trim();
}
const BLANKS =
  /(?:\s|(?![\u{e0000}-\u{e0fff}])\p{Cf}|[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]){2,}/gu;

/** The first and the last of it, without putting all together. */
function ends(texts: readonly string[]): string {
  const total = texts.reduce((sum, { length }) => sum + length + 1, 0);
  if (total <= 4 * SIDE) return texts.join('\n');
  const first: string[] = [];
  for (let at = 0, length = 0; length < SIDE; at++) {
    first.push((texts[at] ?? '').slice(0, SIDE));
    length += (texts[at]?.length ?? 0) + 1;
  }
  const last: string[] = [];
  for (let at = texts.length - 1, length = 0; length < SIDE; at--) {
    last.unshift((texts[at] ?? '').slice(-SIDE));
    length += (texts[at]?.length ?? 0) + 1;
  }
  return `${first.join('\n')}\n${last.join('\n')}`;
}
