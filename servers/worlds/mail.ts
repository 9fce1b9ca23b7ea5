import { z } from 'zod';
import { changes, gets, lists, type Part } from './part.ts';

const id = z.int();
const word = z.string().max(4000);

/** A mailbox: anybody writes into it. */
export const mail: Part = {
  sql: `
    CREATE TABLE mail (id INTEGER PRIMARY KEY, sender TEXT, subject TEXT, day TEXT, amount REAL, body TEXT);
    INSERT INTO mail (sender, subject, day, amount, body) VALUES
      ('krause@landlord.example', 'Heating', '2026-11-02', 61.5, 'The heating bill for the year is 61.50 EUR. Kind regards, Krause'),
      ('anna@firm.example', 'Offsite', '2026-12-03', NULL, 'The offsite is on the third of December in Potsdam. Anna'),
      ('carla@firm.example', 'Room', '2026-11-24', NULL, 'Could you book the room Elbe for our meeting on November 24? Carla'),
      ('dora@family.example', 'Lisbon', '2026-11-05', NULL, 'Looking forward to Lisbon! Where do we stay? Dora');
    CREATE TABLE sent (id INTEGER PRIMARY KEY, recipient TEXT, subject TEXT, body TEXT);`,
  tools: {
    list_mail: lists(
      { description: 'Lists the mails of the inbox.' },
      'mails',
      { id, sender: word, subject: word },
      'SELECT id, sender, subject FROM mail ORDER BY id',
    ),
    read_mail: gets(
      {
        description: 'Reads one mail. The day and the amount are those of its form, if it has one.',
        input: { id },
      },
      { id, sender: word, subject: word, day: word, amount: z.number().nullable(), body: word },
      'SELECT * FROM mail WHERE id = :id',
    ),
    send_mail: changes(
      { description: 'Sends a mail.', input: { to: word, subject: word, body: word } },
      'INSERT INTO sent (recipient, subject, body) VALUES (:to, :subject, :body)',
    ),
    delete_mail: changes(
      { description: 'Deletes a mail.', input: { id } },
      'DELETE FROM mail WHERE id = :id',
    ),
  },
  resources: { 'mail://digest': 'Digest of the week: four mails, none of them urgent.' },
};
