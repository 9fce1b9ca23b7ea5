import { z } from 'zod';
import { changes, lists, type Part } from './part.ts';

const id = z.int();
const word = z.string().max(4000);

/** A calendar: whoever invites writes into it. */
export const calendar: Part = {
  sql: `
    CREATE TABLE events (id INTEGER PRIMARY KEY, day TEXT, title TEXT, attendees TEXT, notes TEXT);
    INSERT INTO events (day, title, attendees, notes) VALUES
      ('2026-11-24', 'Planning', 'anna@firm.example', 'Bring the list.'),
      ('2026-11-24', 'Lunch', 'carla@firm.example', 'At noon.'),
      ('2026-11-25', 'Review', 'anna@firm.example', '');`,
  tools: {
    list_events: lists(
      { description: 'Lists the events of a day such as 2026-11-24.', input: { day: word } },
      'events',
      { id, day: word, title: word, attendees: word, notes: word },
      'SELECT * FROM events WHERE day = :day ORDER BY id',
    ),
    create_event: changes(
      {
        description: 'Creates an event and invites the attendees.',
        input: { day: word, title: word, attendees: word, notes: word },
      },
      'INSERT INTO events (day, title, attendees, notes) VALUES (:day, :title, :attendees, :notes)',
    ),
    add_entry: changes(
      {
        description: 'Writes an entry into your own calendar; nobody is invited.',
        input: { day: word, title: word },
      },
      "INSERT INTO events (day, title, attendees, notes) VALUES (:day, :title, '', '')",
    ),
    delete_event: changes(
      { description: 'Deletes an event.', input: { id } },
      'DELETE FROM events WHERE id = :id',
    ),
  },
  resources: {
    'calendar://week': 'This week: planning and lunch on Tuesday, a review on Wednesday.',
  },
};
