import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { METRICS, STATUSES, type MetricsDatabase } from './database.ts';

const user = z
  .string()
  .regex(/^u[0-9]{4}$/)
  .describe('A user id, such as u0007');
const month = z
  .string()
  .regex(/^20[0-9]{2}-(?:0[1-9]|1[0-2])$/)
  .describe('A month, such as 2026-03');
const amount = z.number().min(0);

const READS = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

/** An MCP server that answers four questions, and has no way to ask the database another one. */
export function createMetricsServer(database: MetricsDatabase, version: string): McpServer {
  const server = new McpServer({ name: 'sallyport-metrics', version });
  server.registerTool(
    'get_user_monthly_metrics',
    {
      title: 'Metrics of one user in one month',
      description: 'Gets the performance metrics of one user in one month.',
      inputSchema: z.strictObject({ user_id: user, month }),
      outputSchema: z.strictObject({
        user_id: user,
        month,
        metrics: z.array(z.strictObject({ name: z.enum(METRICS), value: amount })),
      }),
      annotations: READS,
    },
    ({ user_id, month: asked }) =>
      answer({ user_id, month: asked, metrics: database.monthly(user_id, asked) }),
  );
  server.registerTool(
    'get_user_metric_history',
    {
      title: 'One metric of one user over months',
      description: 'Gets the values of one metric of one user, oldest first.',
      inputSchema: z.strictObject({
        user_id: user,
        metric: z.enum(METRICS),
        from: month,
        to: month,
      }),
      outputSchema: z.strictObject({
        user_id: user,
        metric: z.enum(METRICS),
        values: z.array(z.strictObject({ month, value: amount })),
      }),
      annotations: READS,
    },
    ({ user_id, metric, from, to }) =>
      answer({ user_id, metric, values: database.history(user_id, metric, { from, to }) }),
  );
  server.registerTool(
    'get_active_users',
    {
      title: 'Active users of one month',
      description: 'Gets the users with sessions in one month, most sessions first.',
      inputSchema: z.strictObject({ month, limit: z.int().min(1).max(100).default(20) }),
      outputSchema: z.strictObject({
        month,
        users: z.array(z.strictObject({ user_id: user, sessions: amount })).max(100),
      }),
      annotations: READS,
    },
    ({ month: asked, limit }) => answer({ month: asked, users: database.active(asked, limit) }),
  );
  server.registerTool(
    'get_billing_status',
    {
      title: 'Bill of one user for one month',
      description: 'Gets whether the bill of one user for one month is paid.',
      inputSchema: z.strictObject({ user_id: user, month }),
      outputSchema: z.strictObject({
        user_id: user,
        month,
        bill: z
          .strictObject({ status: z.enum(STATUSES), amount_cents: z.int().min(0) })
          .nullable()
          .describe('null where there is none'),
      }),
      annotations: READS,
    },
    ({ user_id, month: asked }) =>
      answer({ user_id, month: asked, bill: database.bill(user_id, asked) ?? null }),
  );
  return server;
}

function answer(structuredContent: Record<string, unknown>): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}
