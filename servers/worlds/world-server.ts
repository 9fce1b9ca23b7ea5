import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { PARTS, useWorld, type PartName } from './worlds.ts';

const named = z.object({ name: z.string(), text: z.string() });
const values = z.record(z.string(), z.union([z.string(), z.number()]));

/**
 * An MCP server of one part of a world. Descriptions in the database take the place of those in the program; the database
 * is opened for each call.
 */
export function createWorldServer(name: PartName, path: string, version: string): McpServer {
  const server = new McpServer({ name: `world-${name}`, version });
  const { tools, resources } = PARTS[name];
  const rows = useWorld(path, (database) =>
    database.all('SELECT tool AS name, text FROM descriptions'),
  );
  const texts = new Map(
    z
      .array(named)
      .parse(rows)
      .map((row) => [row.name, row.text]),
  );

  for (const [tool, { description, input, output, run }] of Object.entries(tools))
    server.registerTool(
      tool,
      {
        description: texts.get(tool) ?? description,
        inputSchema: z.strictObject(input),
        outputSchema: z.strictObject(output),
      },
      (args) => {
        const result = useWorld(path, (database) => run(database, values.parse(args)));
        return {
          content: [{ type: 'text', text: JSON.stringify(result) }],
          structuredContent: result,
        };
      },
    );
  for (const uri of Object.keys(resources))
    server.registerResource(uri, uri, {}, ({ href }) => {
      const find = 'SELECT uri AS name, text FROM resources WHERE uri = ?';
      const { text } = named.parse(useWorld(path, (database) => database.get(find, [uri])));
      return { contents: [{ uri: href, text }] };
    });
  return server;
}
