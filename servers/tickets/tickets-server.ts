import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Audit } from './audit.ts';
import { Refused, STATUSES, type Tickets } from './database.ts';
import type { Caller } from './token.ts';

const READ = 'tickets:read';
const WRITE = 'tickets:write';
export const SCOPES = [READ, WRITE];

/** What each tool needs. A name that is not here needs nothing, as there is no such tool. */
export const TOOL_SCOPES: ReadonlyMap<string, string> = new Map([
  ['list_tickets', READ],
  ['get_ticket', READ],
  ['create_ticket', WRITE],
  ['update_ticket', WRITE],
  ['close_ticket', WRITE],
]);

const id = z.int().min(1).max(2_147_483_647).describe('The number of a ticket');
const title = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}+$/u);
const body = z
  .string()
  .max(4000)
  .regex(/^[\P{Cc}\n\t]*$/u);
const status = z.enum(STATUSES);
const ticket = z.strictObject({ id, title, body, status, owner: z.string().max(256) });

const HINTS = { openWorldHint: false, destructiveHint: false } as const;
const READS = { ...HINTS, readOnlyHint: true, idempotentHint: true } as const;
const WRITES = { ...HINTS, readOnlyHint: false } as const;

export type TicketsServerOptions = {
  readonly tickets: Tickets;
  readonly caller: Caller;
  readonly audit: Audit;
  readonly version: string;
};

/** An MCP server for one request of one person. No tool has an argument that says who is asking. */
export function createTicketsServer({
  tickets,
  caller,
  audit,
  version,
}: TicketsServerOptions): McpServer {
  const me = caller.subject;
  const server = new McpServer({ name: 'sallyport-tickets', version });

  /** Nothing is kept without its line in the audit; where it could not be kept after all, another line says so. */
  function run(tool: string, asked: number | undefined, work: () => object): CallToolResult {
    try {
      return tickets.transaction(() => {
        const result = { ...work() };
        audit(caller, { event: 'tool', tool, ...(asked && { ticket: asked }), outcome: 'done' });
        return {
          content: [{ type: 'text', text: JSON.stringify(result) }],
          structuredContent: result,
        };
      });
    } catch (error) {
      const reason = error instanceof Refused ? error.reason : 'not-kept';
      audit(caller, {
        event: 'tool',
        tool,
        ...(asked && { ticket: asked }),
        outcome: reason === 'not-kept' ? 'failed' : 'refused',
        reason,
      });
      if (!(error instanceof Refused)) throw error;
      const why = reason === 'missing' ? 'there is no such ticket' : 'it is not yours';
      return {
        isError: true,
        content: [{ type: 'text', text: `Cannot ${tool.replace('_', ' ')} ${asked}: ${why}` }],
      };
    }
  }

  server.registerTool(
    'list_tickets',
    {
      title: 'Tickets that you may see',
      description: 'Lists tickets of yours and of your team.',
      inputSchema: z.strictObject({
        status: status.optional(),
        limit: z.int().min(1).max(100).default(50),
      }),
      outputSchema: z.strictObject({ tickets: z.array(ticket).max(100) }),
      annotations: READS,
    },
    ({ status: only, limit }) =>
      run('list_tickets', undefined, () => ({ tickets: tickets.list(me, only, limit) })),
  );
  server.registerTool(
    'get_ticket',
    {
      title: 'One ticket',
      description: 'Gets one ticket.',
      inputSchema: z.strictObject({ ticket_id: id }),
      outputSchema: ticket,
      annotations: READS,
    },
    ({ ticket_id }) => run('get_ticket', ticket_id, () => tickets.get(me, ticket_id)),
  );
  server.registerTool(
    'create_ticket',
    {
      title: 'A new ticket of yours',
      description: 'Creates a ticket, owned by whoever asks.',
      inputSchema: z.strictObject({ title, body: body.default('') }),
      outputSchema: ticket,
      annotations: WRITES,
    },
    (given) => run('create_ticket', undefined, () => tickets.create(me, given)),
  );
  server.registerTool(
    'update_ticket',
    {
      title: 'Change a ticket',
      description: 'Updates title, body or status of a ticket of yours.',
      inputSchema: z.strictObject({
        ticket_id: id,
        title: title.optional(),
        body: body.optional(),
        status: z.enum(['open', 'in_progress']).optional(),
      }),
      outputSchema: ticket,
      annotations: { ...WRITES, idempotentHint: true },
    },
    ({ ticket_id, title: newTitle, body: newBody, status: newStatus }) =>
      run('update_ticket', ticket_id, () =>
        tickets.change(me, ticket_id, {
          ...(newTitle !== undefined && { title: newTitle }),
          ...(newBody !== undefined && { body: newBody }),
          ...(newStatus !== undefined && { status: newStatus }),
        }),
      ),
  );
  server.registerTool(
    'close_ticket',
    {
      title: 'Close a ticket',
      description: 'Closes a ticket of yours.',
      inputSchema: z.strictObject({ ticket_id: id }),
      outputSchema: ticket,
      annotations: { ...WRITES, idempotentHint: true },
    },
    ({ ticket_id }) =>
      run('close_ticket', ticket_id, () => tickets.change(me, ticket_id, { status: 'closed' })),
  );
  return server;
}
