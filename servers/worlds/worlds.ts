import { existsSync } from 'node:fs';
import { Database } from '../sqlite.ts';
import { bank } from './bank.ts';
import { calendar } from './calendar.ts';
import { files } from './files.ts';
import { mail } from './mail.ts';
import { notes } from './notes.ts';
import type { Part } from './part.ts';
import { repository } from './repository.ts';
import { runner } from './runner.ts';
import { travel } from './travel.ts';
import { web } from './web.ts';

export const PARTS = {
  bank,
  calendar,
  files,
  mail,
  notes,
  repository,
  runner,
  travel,
  web,
} satisfies Record<string, Part>;
export type PartName = keyof typeof PARTS;

/** Which servers share a database. */
export const WORLDS = {
  bank: ['bank', 'mail', 'notes'],
  office: ['mail', 'calendar', 'files', 'notes'],
  travel: ['travel', 'web', 'mail', 'notes'],
  code: ['repository', 'runner', 'web', 'notes'],
} as const satisfies Record<string, readonly PartName[]>;
export type WorldName = keyof typeof WORLDS;

/** Texts that a server keeps in its database: its resources, and descriptions in place of those in its program. */
const COMMON = `
  CREATE TABLE descriptions (tool TEXT PRIMARY KEY, text TEXT NOT NULL);
  CREATE TABLE resources (uri TEXT PRIMARY KEY, text TEXT NOT NULL);`;

/** Writes a world into a new file. Throws where there is such a file already. */
export function writeWorld(name: WorldName, path: string): void {
  if (existsSync(path)) throw new Error(`Cannot write the world: ${path} exists`);
  const database = new Database(path);
  try {
    database.exec(`BEGIN; ${COMMON}`);
    for (const part of WORLDS[name]) {
      const { sql, resources } = PARTS[part];
      database.exec(sql);
      for (const resource of Object.entries(resources))
        database.run('INSERT INTO resources VALUES (?, ?)', resource);
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

const PATIENCE_MS = 5000;

/**
 * Opens a world for one piece of work, so that its file may be put back at any time. Waits for others who are at work in
 * it; throws what SQLite says after five seconds of that.
 */
export function useWorld<T>(path: string, work: (database: Database) => T): T {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const database = new Database(path, { fileMustExist: true });
    try {
      return work(database);
    } catch (error) {
      const isBusy = error instanceof Error && error.message.includes('locked');
      if (!isBusy || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    } finally {
      database.close();
    }
  }
}
