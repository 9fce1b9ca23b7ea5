/**
 * Keeps notes: `notes-server.js FILE` writes each into the file FILE as it comes. With `NOTES_ALOUD` it logs all of them as
 * soon as a client is there.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

const [file = ''] = process.argv.slice(2);
const notes = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const text = (said: string): CallToolResult => ({ content: [{ type: 'text', text: said }] });

const server = new McpServer({ name: 'notes', version: '1' }, { capabilities: { logging: {} } });
server.registerTool(
  'write_note',
  {
    description: 'Keeps a note.',
    inputSchema: { text: z.string(), ms: z.number().optional() },
  },
  async (note) => {
    appendFileSync(file, `${note.text}\n`);
    await sleep(note.ms ?? 0);
    return text('written');
  },
);
server.registerTool('read_notes', { description: 'Reads all notes.', inputSchema: {} }, () =>
  text(notes()),
);
server.registerTool(
  'find_note',
  { description: 'Finds a note.', inputSchema: { text: z.string() } },
  (note) => text(notes().includes(note.text) ? 'there is one' : 'there is none'),
);
server.registerResource('all', 'notes://all', { description: 'All notes.' }, () => ({
  contents: [{ uri: 'notes://all', text: notes() }],
}));
server.registerResource(
  'one',
  new ResourceTemplate('notes://one/{at}', {
    list: () => ({
      resources: notes()
        .split('\n')
        .flatMap((name, at) => (name === '' ? [] : [{ uri: `notes://one/${at}`, name }])),
    }),
  }),
  { description: 'One note.' },
  () => ({ contents: [] }),
);
server.registerPrompt('recall', { description: 'What was noted.' }, () => ({
  messages: [{ role: 'user', content: { type: 'text', text: notes() } }],
}));
if (process.env['NOTES_ALOUD'] !== undefined)
  server.server.oninitialized = () =>
    void server.server.sendLoggingMessage({ level: 'error', data: `noted: ${notes()}` });

await server.connect(new StdioServerTransport());
