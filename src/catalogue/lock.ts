import { readFileSync, statSync } from 'node:fs';
import type { Subject } from '../call.ts';
import { Fault } from '../lib/fault.ts';
import type { JsonObject } from '../lib/json.ts';
import { acceptedRow, guess, isLockable, keyOf, union } from './claim.ts';
import type { Claim } from './claim.ts';
import { DEFINITION_KINDS, definitionHash } from './definition.ts';
import type { Kind } from './definition.ts';
import { lockKey, parseLock } from './lock-file.ts';
import type { LockRow, LockRows } from './lock-file.ts';
import { createWriteLock } from './lock-write.ts';
import { createTrustRoom } from './trust-room.ts';

export type LockOptions = {
  readonly path: string;
  /** `pin`: the first definition seen of a name is accepted, unreviewed. */
  readonly onNew: 'quarantine' | 'pin';
  /** Milliseconds, as `Date.now`. */
  readonly now: () => number;
  /** What a signed bundle holds in place of the file; nothing can be accepted then but by signing another. */
  readonly signed?: () => Uint8Array | undefined;
  /**
   * Told when the file became unreadable, when a first use could not be written (its pin is then taken back), and once
   * for each server that has no room for more of them.
   */
  readonly onProblem?: (problem: Fault) => void;
};

/** The accepted definitions of one lock file, always as the file says now. */
export interface Lock extends AsyncDisposable {
  readonly path: string;
  /** Grows when other content comes into force; looks at the file at most every 200 ms. */
  revision(): number;
  /** Why nothing is accepted at the moment: the file broke or vanished while in use. */
  broken(): Fault | undefined;
  /** Who this is, whether it is what was accepted, and the classes and labels that hold for it. Never throws. */
  subject(server: string, kind: Kind, name: string, definition: JsonObject): Subject;
  rows(server: string): readonly LockRow[];
  /** Every label that results may carry by what was accepted. */
  sources(): ReadonlySet<string>;
  /** Trust on first use: under `onNew: 'pin'` accepts names the file does not know and has room for; never a changed one. */
  admit(claims: readonly Claim[]): void;
  /** Accepts exactly these definitions and forgets `removed`. Throws a `Fault`; then nothing has changed. */
  accept(claims: readonly Claim[], removed?: readonly LockRow[]): Promise<void>;
  /** Told after each change; the returned function ends that. */
  onChange(listener: () => void): () => void;
  /** Resolves when every first use is written or taken back. */
  settled(): Promise<void>;
}

const LOOK_EVERY = 200;
const WATCH_EVERY = 500;

/** Opens a lock file; a missing one is empty. Throws a `Fault` when it cannot be read or is not what it should be. */
export async function openLock(options: LockOptions): Promise<Lock> {
  const { path, onNew, now, signed = () => undefined } = options;
  const identifyNow = (): unknown => signed() ?? identify(path);
  const readNow = (): LockRows => parseLock(signed() ?? readBytes(path), path);
  let identity = identifyNow();
  let signedThen = signed();
  let rows: LockRows = identity === undefined ? new Map() : readNow();
  let failure: Fault | undefined;
  let revision = 1;
  let looked = now();
  /** First uses that are not in the file yet. */
  const pending = new Map<string, LockRow>();
  const writing = new Set<Promise<void>>();
  const listeners = new Set<() => void>();
  const write = createWriteLock({ path, now });
  const fitting = createTrustRoom();
  const distrusted = new Set<string>();

  // A running gateway hears of `pin --accept` in another process even when nobody calls.
  const watch = setInterval(look, WATCH_EVERY);
  watch.unref();

  return {
    path,
    revision: () => (glance(), revision),
    broken: () => (glance(), failure),
    subject,
    sources: () => (
      glance(),
      new Set([...rows.values(), ...pending.values()].flatMap(({ entry }) => entry.source))
    ),
    rows: (server) => [...rows.values()].filter((row) => row.server === server),
    admit,
    accept,
    onChange: (listener) => (listeners.add(listener), () => void listeners.delete(listener)),
    settled,
    async [Symbol.asyncDispose]() {
      clearInterval(watch);
      await settled();
    },
  };

  function subject(server: string, kind: Kind, name: string, definition: JsonObject): Subject {
    glance();
    const hash = definitionHash(kind, definition);
    const entry = find(server, kind, name)?.entry;
    const pin = entry === undefined ? 'unpinned' : entry.hash === hash ? 'match' : 'drift';
    const reviewed = pin === 'match' && entry?.reviewed === true;
    const held = pin === 'match' && entry !== undefined ? entry : guess(kind, definition, entry);
    return {
      kind: DEFINITION_KINDS[kind].subject,
      server,
      name,
      classes: held.classes,
      dataClass: held.dataClass,
      // What nobody has looked at may carry anybody's text.
      source: reviewed ? held.source : union(held.source, ['untrusted']),
      sink: held.sink,
      ...(reviewed && entry.sendsTo && { sendsTo: entry.sendsTo }),
      pin,
      // It keeps a text from a model, so whoever wrote the entry need not have looked at the rest.
      ...(kind === 'tool' && entry?.handle === true && { asHandle: true }),
      reviewed,
      hash,
      definition,
    };
  }

  function find(server: string, kind: Kind, name: string): LockRow | undefined {
    if (failure !== undefined) return undefined;
    const key = lockKey(server, kind, name);
    return rows.get(key) ?? pending.get(key);
  }

  function admit(claims: readonly Claim[]): void {
    if (onNew !== 'pin' || signed() !== undefined) return;
    glance();
    if (failure !== undefined) return;
    const unknown = claims.filter(
      (claim) => isLockable(claim) && find(claim.server, claim.kind, claim.name) === undefined,
    );
    if (unknown.length === 0) return;
    const fresh = fitting(unknown, [...rows.values(), ...pending.values()]);
    if (fresh.length < unknown.length) tellOfDistrust(unknown, new Set(fresh));
    if (fresh.length === 0) return;
    for (const claim of fresh) pending.set(keyOf(claim), acceptedRow(claim, undefined));
    changed();
    track(
      write((held) => ({ claims: fresh.filter((claim) => !held.has(keyOf(claim))) })),
      fresh,
    );
  }

  /** Once for each server: it may go on for as long as it likes. */
  function tellOfDistrust(unknown: readonly Claim[], trusted: ReadonlySet<Claim>): void {
    for (const claim of unknown) {
      const { server } = claim;
      if (trusted.has(claim) || distrusted.has(server)) continue;
      distrusted.add(server);
      options.onProblem?.(
        new Fault(
          `Cannot trust more of ${server} on first use: its names and definitions would fill the lock file ${path}`,
          { hint: 'they are kept back until somebody looks at what it lists and accepts it' },
        ),
      );
    }
  }

  function track(done: Promise<void>, claims: readonly Claim[]): void {
    const finished = done
      .catch((error: unknown) => {
        options.onProblem?.(asFault(error));
      })
      .finally(() => {
        look();
        // Either the file has them now, or they were never accepted.
        for (const claim of claims) pending.delete(keyOf(claim));
        changed();
        writing.delete(finished);
      });
    writing.add(finished);
  }

  async function settled(): Promise<void> {
    while (writing.size > 0) await Promise.all(writing);
  }

  async function accept(claims: readonly Claim[], removed: readonly LockRow[] = []): Promise<void> {
    if (signed() !== undefined)
      throw new Fault('Cannot accept definitions: the lock file is that of the policy bundle', {
        hint: 'accept them where the bundle is made, and sign it as a newer version',
      });
    for (const claim of claims)
      if (!isLockable(claim))
        throw new Fault(`Cannot accept ${JSON.stringify(claim.name)}: it is not a usable name`);
    await write(() => ({ claims, removed }));
    look();
  }

  function glance(): void {
    const time = now();
    // Policies and lock file of a bundle come into force together.
    if (signed() !== signedThen || time - looked >= LOOK_EVERY || time < looked) look();
  }

  function look(): void {
    looked = now();
    signedThen = signed();
    const seen = identifyNow();
    if (seen === identity) return;
    identity = seen;
    try {
      // Vanished is not empty: with trust on first use an emptied file would accept every changed tool again.
      rows = readNow();
      failure = undefined;
    } catch (error) {
      failure = asFault(error);
      options.onProblem?.(failure);
    }
    changed();
  }

  function changed(): void {
    revision++;
    for (const listener of listeners) listener();
  }
}

/** Changes whenever other content may be there: a rename gives another inode, an edit another time. */
function identify(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    throw new Fault(`Cannot read the lock file ${path}: ${code}`, { cause: error });
  }
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault(`Cannot use the lock file: ${String(error)}`, { cause: error });
}
