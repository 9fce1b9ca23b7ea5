import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import * as z from 'zod';

import { Fault } from '../../lib/fault.ts';
import { writeFileAtomic } from '../../lib/write-file.ts';

/** One file that a run of `init` wrote. */
const written = z.strictObject({
  path: z.string(),
  /** The copy of what was there, byte for byte; null when there was nothing. */
  backup: z.string().nullable(),
  /** sha256 of what was there and of what was written. */
  before: z.string().nullable(),
  after: z.string(),
});

const schema = z.strictObject({
  file: z.string(),
  /** The entries that stand in the client's file, so that another scope does not shadow them. */
  entries: z.array(z.strictObject({ scope: z.string(), name: z.string() })),
  /** Oldest first; the client's own file is the last of each. */
  runs: z.array(z.array(written)),
});

export type Journal = z.output<typeof schema>;
export type Write = {
  readonly path: string;
  readonly before: Uint8Array | null;
  readonly after: string;
};

const NAME = 'init.json';

/** What `init` did to one client file, kept in a folder of its own. Undefined when it did nothing. */
export async function readJournal(folder: string): Promise<Journal | undefined> {
  const file = join(folder, NAME);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault(`Cannot read ${file}: it is damaged`, { cause });
  }
}

/** Every journal below a folder: one client's files, here and in other projects. */
export async function readJournals(folder: string): Promise<Journal[]> {
  const inner = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = inner.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found = await Promise.all(
    [folder, ...folders.map((name) => join(folder, name))].map(readJournal),
  );
  return found.filter((journal) => journal !== undefined);
}

/**
 * Writes one run: backups, then the journal, then the new files, the client's own last. A crash in between leaves the
 * client as it was, or a change that the journal knows. Resolves to the backup of the client's file.
 */
export async function commitRun(
  folder: string,
  file: string,
  entries: Journal['entries'],
  writes: readonly Write[],
): Promise<string | null> {
  // The client may be running and have written its file since it was read.
  for (const write of writes)
    if (digestOf(await current(write.path)) !== digestOf(write.before))
      throw new Fault(`Cannot write ${write.path}: it changed a moment ago`, {
        hint: 'close the client and run sallyport init again',
      });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const journal = (await readJournal(folder)) ?? { file, entries: [], runs: [] };
  const run: Journal['runs'][number] = [];
  for (const [at, write] of writes.entries()) {
    const name = `${journal.runs.length + 1}.${at + 1}-${basename(write.path)}`;
    const backup = write.before === null ? null : join(folder, name);
    if (backup !== null && write.before !== null)
      await writeFileAtomic(backup, write.before, 0o600);
    run.push({
      path: write.path,
      backup,
      before: write.before === null ? null : digest(write.before),
      after: digest(write.after),
    });
  }
  await writeJournal(folder, { file, entries, runs: [...journal.runs, run] });
  for (const write of writes) {
    await mkdir(dirname(write.path), { recursive: true, mode: 0o700 });
    await writeFileAtomic(write.path, write.after, 0o600);
  }
  return run.at(-1)?.backup ?? null;
}

export type Undone = { readonly restored: string[]; readonly left: string[] };

/**
 * Takes the last run back: the client's file becomes byte for byte what it was. Refuses when it was changed since, unless
 * forced; then what it says now is saved beside the journal. Other files that were changed since are left alone.
 */
export async function undoRun(folder: string, journal: Journal, force: boolean): Promise<Undone> {
  const run = journal.runs.at(-1) ?? [];
  const client = run.at(-1);
  const undone: Undone = { restored: [], left: [] };
  if (client) {
    const now = await current(client.path);
    const known = [client.after, client.before].includes(digestOf(now));
    if (!known && !force)
      throw new Fault(`Cannot undo ${client.path}: it was changed since`, {
        hint: `--force restores it all the same; the backup is ${client.backup ?? 'nothing'}`,
        exit: 1,
      });
    if (!known && now !== null)
      await writeFileAtomic(join(folder, `changed-${journal.runs.length}`), now, 0o600);
  }
  for (const file of run.toReversed()) {
    const now = digestOf(await current(file.path));
    if (now === file.before) continue;
    if (file !== client && now !== file.after) {
      undone.left.push(file.path);
      continue;
    }
    if (file.backup === null) await rm(file.path, { force: true });
    else await writeFileAtomic(file.path, await intactBackup(file.backup, file.before), 0o600);
    undone.restored.push(file.path);
  }
  const runs = journal.runs.slice(0, -1);
  if (runs.length > 0) await writeJournal(folder, { ...journal, runs });
  else await rm(join(folder, NAME), { force: true });
  for (const { backup } of run) if (backup !== null) await rm(backup, { force: true });
  for (const { path } of run) if (path !== client?.path) await pruneFolders(dirname(path));
  await pruneFolders(folder);
  return undone;
}

/** Removes a folder and those above it for as long as they are empty. */
async function pruneFolders(folder: string): Promise<void> {
  try {
    await rmdir(folder);
    await pruneFolders(dirname(folder));
  } catch {
    // Something is in it, or it is gone already: both are fine.
  }
}

async function intactBackup(backup: string, hash: string | null): Promise<Uint8Array> {
  const bytes = await readFile(backup).catch(() => null);
  if (bytes === null || digest(bytes) !== hash)
    throw new Fault(`Cannot undo: the backup ${backup} is missing or damaged`, { exit: 1 });
  return bytes;
}

async function writeJournal(folder: string, journal: Journal): Promise<void> {
  await writeFileAtomic(join(folder, NAME), `${JSON.stringify(journal, null, 2)}\n`, 0o600);
}

async function current(path: string): Promise<Uint8Array | null> {
  return readFile(path).catch(() => null);
}

function digestOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : digest(bytes);
}

function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
