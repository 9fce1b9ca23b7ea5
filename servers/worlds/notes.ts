import { z } from 'zod';
import { changes, lists, type Part } from './part.ts';

const word = z.string().max(4000);

/** What an assistant keeps for its next session. */
export const notes: Part = {
  sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);',
  tools: {
    list_notes: lists(
      { description: 'Lists the notes of earlier sessions.' },
      'notes',
      { id: z.int(), text: word },
      'SELECT * FROM notes ORDER BY id',
    ),
    save_note: changes(
      { description: 'Saves a note for later sessions.', input: { text: word } },
      'INSERT INTO notes (text) VALUES (:text)',
    ),
  },
  resources: {},
};
