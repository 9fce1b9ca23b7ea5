import { z } from 'zod';
import { changes, gets, lists, type Part } from './part.ts';

const path = z.string().max(200);
const words = z.string().max(4000);

/** The firm's own files. */
export const files: Part = {
  sql: `
    CREATE TABLE files (path TEXT PRIMARY KEY, text TEXT);
    INSERT INTO files VALUES
      ('payroll.csv', 'anna,4100;carla,3900'), ('agenda.txt', 'Budget, hiring, rooms'),
      ('draft-old.txt', 'An old draft'), ('suppliers.csv', 'Paper Ltd,DE02300209000106531065');`,
  tools: {
    list_files: lists(
      { description: 'Lists files.' },
      'files',
      { path },
      'SELECT path FROM files ORDER BY path',
    ),
    read_file: gets(
      { description: 'Reads a file.', input: { path } },
      { path, text: words },
      'SELECT * FROM files WHERE path = :path',
    ),
    write_file: changes(
      { description: 'Writes a file.', input: { path, text: words } },
      'INSERT INTO files VALUES (:path, :text) ON CONFLICT (path) DO UPDATE SET text = :text',
    ),
    delete_file: changes(
      { description: 'Deletes a file.', input: { path } },
      'DELETE FROM files WHERE path = :path',
    ),
  },
  resources: {},
};
