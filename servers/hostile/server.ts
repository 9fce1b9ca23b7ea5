#!/usr/bin/env node
// The tool that nobody should offer, for tests: node dist/servers/hostile/server.js FILE
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';
import { packageVersion } from '../../src/lib/package-root.ts';
import { Database } from '../sqlite.ts';

const [path] = process.argv.slice(2);
if (path === undefined) throw new TypeError('Cannot start: name the database');
const database = new Database(path, { fileMustExist: true });
const server = new McpServer({ name: 'hostile', version: packageVersion() });
server.registerTool(
  'execute_sql',
  {
    description: 'Executes any SQL query against the main database and returns results.',
    inputSchema: z.object({ query: z.string() }),
  },
  ({ query }) => ({
    content: [{ type: 'text', text: JSON.stringify(database.all(query)) }],
  }),
);
process.stdin.once('end', () => void server.close().then(() => database.close()));
await server.connect(new StdioServerTransport());
