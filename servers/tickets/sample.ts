import { existsSync } from 'node:fs';
import { Database } from '../sqlite.ts';

const TABLES = `
  CREATE TABLE people (
    subject TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    team TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('member', 'chief'))
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tickets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'in_progress', 'closed')),
    owner TEXT NOT NULL REFERENCES people
  ) STRICT;
`;

const PEOPLE = [
  ['alice', 'Alice', 'board', 'chief'],
  ['bob', 'Bob', 'support', 'member'],
  ['carol', 'Carol', 'support', 'member'],
];

const TICKETS = [
  ['The printer on floor 2 is out of toner', 'It beeps.', 'open', 'bob'],
  ['Prepare the board meeting in June', 'Agenda and room.', 'open', 'alice'],
  ['New laptop for the front desk', 'The old one is slow.', 'in_progress', 'carol'],
  ['The door of the archive sticks', 'It needs oil.', 'open', 'bob'],
];

/** Writes three people and four tickets into a new file. Throws where there is such a file already. */
export function writeSample(path: string): void {
  if (existsSync(path)) throw new Error(`Cannot write the sample: ${path} exists`);
  const database = new Database(path);
  try {
    database.exec(`BEGIN; ${TABLES}`);
    for (const row of PEOPLE) database.run('INSERT INTO people VALUES (?, ?, ?, ?)', row);
    for (const row of TICKETS)
      database.run('INSERT INTO tickets (title, body, status, owner) VALUES (?, ?, ?, ?)', row);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}
