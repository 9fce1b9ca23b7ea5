import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFile } from 'node:fs/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as z from 'zod';
import { scratch } from '../support/scratch.ts';
import { blocks, ROOT } from './blocks.ts';

const servers = z.record(
  z.string(),
  z.strictObject({
    type: z.literal('stdio').optional(),
    command: z.string(),
    args: z.array(z.string()),
  }),
);
/** Claude Desktop, Claude Code and Cursor read `mcpServers`, VS Code reads `servers`. */
const snippet = z.union([
  z.strictObject({ mcpServers: servers }).transform(({ mcpServers }) => mcpServers),
  z.strictObject({ servers }).transform((file) => file.servers),
]);

const snippets = blocks('json')
  .filter((text) => !text.includes('runtimes'))
  .map((text) => Object.entries(snippet.parse(JSON.parse(text))));

test('the README has a snippet for each kind of client', () => {
  assert.equal(snippets.length, 3);
});

for (const [at, entries] of snippets.entries())
  for (const [name, { command, args }] of entries)
    test(`snippet ${at + 1} of the README starts ${name} and lists its tools`, async (context) => {
      const folder = await scratch(context);
      // The program under test in place of the published one, and folders that are there.
      assert.deepEqual([command, ...args.slice(0, 2)], ['npx', '-y', 'sallyport']);
      const config = join(folder, 'sallyport.yaml');
      const server = ['npx', '-y', '@modelcontextprotocol/server-filesystem', folder];
      await writeFile(
        config,
        JSON.stringify({
          mcpServers: { files: { command: server[0], args: server.slice(1) } },
          catalogue: { onNew: 'pin' },
        }),
      );
      const own = args
        .slice(2)
        .map((arg) =>
          arg.replace('/home/me/Documents', folder).replace('/home/me/sallyport.yaml', config),
        );
      const client = new Client({ name: 'test', version: '0' });
      await client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args: [join(ROOT, 'bin', 'sallyport.js'), ...own],
          // npx finds the installed server from here, without the network.
          cwd: ROOT,
          env: { HOME: folder, PATH: process.env['PATH'] ?? '' },
          stderr: 'ignore',
        }),
      );
      const { tools } = await client.listTools();
      await client.close();
      assert.ok(tools.some((tool) => /^(?:files__)?read_text_file$/u.test(tool.name)));
    });
