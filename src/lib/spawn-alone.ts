import { spawn, type ChildProcessByStdio, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

type Stdio = 'ignore' | 'pipe' | number;
type Standard = readonly [stdin: Stdio, stdout: Stdio, stderr: Stdio, ...more: Stdio[]];
type Child<S extends Standard> = ChildProcessByStdio<
  S[0] extends 'pipe' ? Writable : null,
  S[1] extends 'pipe' ? Readable : null,
  S[2] extends 'pipe' ? Readable : null
>;

const FDINFO = '/proc/self/fdinfo';
/** O_CLOEXEC, as Linux writes it there. */
const CLOSED_BY_EXEC = 0o2_000_000;
const STANDARD = 3;

/**
 * As `spawn`, and the child gets no descriptors but those of `stdio`: whoever started the gateway may have left it some,
 * an editor its logs or a folder, and Node hands on what it did not open itself. Only Linux says which; elsewhere it is
 * `spawn`.
 */
export function spawnAlone<const S extends Standard>(
  command: string,
  args: readonly string[],
  { stdio, ...options }: Omit<SpawnOptions, 'stdio'> & { readonly stdio: S },
): Child<S> {
  const covered = inherited().filter((fd) => fd >= stdio.length);
  const nothing = covered.length > 0 ? [openSync('/dev/null', 'r')] : [];
  try {
    const all: Stdio[] = [...stdio];
    while (all.length <= Math.max(-1, ...covered)) all.push('ignore');
    for (const fd of covered) for (const each of nothing) all[fd] = each;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the first three are those of `stdio`
    return spawn(command, [...args], { ...options, stdio: all }) as unknown as Child<S>;
  } finally {
    nothing.forEach(closeSync);
  }
}

/** Open descriptors that a child would get. */
function inherited(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync(FDINFO)
    .map(Number)
    .filter((fd) => fd >= STANDARD && isHandedOn(fd));
}

function isHandedOn(fd: number): boolean {
  try {
    const [, flags = '0'] =
      /^flags:\s*([0-7]+)$/mu.exec(readFileSync(`${FDINFO}/${fd}`, 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & CLOSED_BY_EXEC) === 0;
  } catch {
    // The one that read the folder.
    return false;
  }
}
