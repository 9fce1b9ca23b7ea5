import { z } from 'zod';
import { type Part } from './part.ts';
import { text } from '../sqlite.ts';

/** The web, as far as it reaches here: each request is written down, as the other side would. */
export const web: Part = {
  sql: `
    CREATE TABLE requests (id INTEGER PRIMARY KEY, url TEXT);
    CREATE TABLE pages (url TEXT PRIMARY KEY, text TEXT);
    INSERT INTO pages VALUES
      ('https://museum.example/hours', 'The museum of tiles is open from 10 to 18, closed on Mondays.'),
      ('https://casa-azul.example/', 'Casa Azul, Rua das Flores 12, Lisbon. Check-in from 15.'),
      ('https://docs.example/release', 'Releases are cut on the first Monday of a month.');`,
  tools: {
    fetch_page: {
      description: 'Fetches a page.',
      input: { url: z.string().max(8000) },
      output: { url: z.string(), text: z.string() },
      run(database, { url }) {
        const asked = text(String(url));
        database.run('INSERT INTO requests (url) VALUES (?)', [asked]);
        const page = database.get('SELECT text FROM pages WHERE url = ?', [asked]);
        return { url: asked, text: page === null ? 'Nothing is here.' : page['text'] };
      },
    },
  },
  resources: {},
};
