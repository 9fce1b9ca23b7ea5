/** A server over stdio that works with a secret of its environment, and repeats it wherever it can. */
import { appendFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createHash } from 'node:crypto';

const secret = process.env['SERVICE_TOKEN'] ?? '';
const server = new McpServer({ name: 'secret', version: '1' });

function answer(text: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text }] };
}

server.registerTool('read_whose', { description: 'Says which secret this process has.' }, () =>
  answer(`${process.pid} ${createHash('sha256').update(secret).digest('hex')}`),
);
server.registerTool('read_repeat', { description: 'Says all that it knows.' }, () => {
  process.stderr.write(`starting with ${secret}\n`);
  process.stdout.write(`using ${secret}\n`);
  return answer(`token=${secret} ${Buffer.from(`user:${secret}`).toString('base64')}`);
});
server.registerTool('read_fail', { description: 'Fails.' }, () => {
  throw new Error(`Cannot sign in with ${encodeURIComponent(secret)}`);
});
server.registerTool('read_die', { description: 'Ends.' }, () => {
  process.stderr.write(`fatal: ${secret}\n`, () => process.exit(3));
  return answer('');
});

const log = process.env['SECRET_SERVER_LOG'];
if (log !== undefined) appendFileSync(log, `${process.pid}\n`);
await server.connect(new StdioServerTransport());
