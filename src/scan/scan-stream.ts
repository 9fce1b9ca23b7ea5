import type { Finding } from '../call.ts';
import type { Channel } from './channel.ts';
import type { Scan, Scanning } from './scan.ts';

/** UTF-16 code units; the same windows in which `scan` reads a long text. */
const WINDOW = 65_536;
const OVERLAP = 4096;
const MAX_FINDINGS = 50;
const GRAVITY = { pass: 0, mark: 1, block: 2 } as const;

/**
 * Scans a text that comes in pieces, in memory for one window however long it is. The answer is that of the gravest
 * window; reading ends early where it can only stay as grave. Offsets are those of the whole text.
 */
export async function scanStream(
  pieces: AsyncIterable<string>,
  channel: Channel,
  scan: Scan,
): Promise<Scanning> {
  let gravest: Scanning | undefined;
  const findings = new Map<string, Finding>();
  let rest = '';
  /** Where `rest` begins in the text. */
  let start = 0;

  function read(window: string): void {
    const scanning = scan(window, channel);
    for (const finding of scanning.findings) {
      if (findings.size >= MAX_FINDINGS && scanning.verdict !== 'block') break;
      const moved = { ...finding, start: finding.start + start, end: finding.end + start };
      findings.set(`${moved.rule} ${moved.start} ${moved.end}`, moved);
    }
    const graver = GRAVITY[scanning.verdict] - GRAVITY[gravest?.verdict ?? 'pass'];
    if (!gravest || graver > 0 || (graver === 0 && scanning.score > gravest.score))
      gravest = scanning;
  }

  for await (const piece of pieces) {
    rest += piece;
    while (rest.length > WINDOW && gravest?.verdict !== 'block') {
      read(rest.slice(0, WINDOW));
      rest = rest.slice(WINDOW - OVERLAP);
      start += WINDOW - OVERLAP;
    }
    if (gravest?.verdict === 'block') break;
  }
  // The overlap alone has been read, unless it is all there is.
  if (gravest?.verdict !== 'block' && (rest.length > OVERLAP || start === 0)) read(rest);
  return { ...(gravest ?? scan('', channel)), findings: strongest(findings, gravest) };
}

/** The findings of the gravest window first: those are what the answer stands on. */
function strongest(
  findings: ReadonlyMap<string, Finding>,
  gravest: Scanning | undefined,
): readonly Finding[] {
  const rules = new Set(gravest?.findings.map(({ rule }) => rule));
  return [...findings.values()]
    .toSorted((a, b) => Number(rules.has(b.rule)) - Number(rules.has(a.rule)))
    .slice(0, MAX_FINDINGS);
}
