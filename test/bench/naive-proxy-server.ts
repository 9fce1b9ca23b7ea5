/** What a proxy costs that checks nothing: the 1.x SDK's client behind its server. `naive-proxy-server.js COMMAND [ARG…]` */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const [command = '', ...args] = process.argv.slice(2);
const about = { name: 'naive', version: '1' };
const client = new Client(about);
await client.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }));
const server = new Server(about, { capabilities: { tools: {} } });
server.setRequestHandler(
  ListToolsRequestSchema,
  async ({ params }) => await client.listTools(params),
);
server.setRequestHandler(
  CallToolRequestSchema,
  async ({ params }) => await client.callTool(params),
);
await server.connect(new StdioServerTransport());
process.stdin.on('end', () => {
  void server.close();
  void client.close();
});
