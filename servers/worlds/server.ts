#!/usr/bin/env node
/** One server of a world over stdio: node dist/servers/worlds/server.js PART FILE */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { packageVersion } from '../../src/lib/package-root.ts';
import { createWorldServer } from './world-server.ts';
import { PARTS, type PartName } from './worlds.ts';

const [name = '', path] = process.argv.slice(2);
const isPart = (part: string): part is PartName => Object.hasOwn(PARTS, part);
if (!isPart(name) || path === undefined) {
  const parts = Object.keys(PARTS).join(', ');
  process.stderr.write(`sallyport-worlds: Cannot start: name one of ${parts} and a database\n`);
  process.exit(2);
}
const server = createWorldServer(name, path, packageVersion());
process.stdin.once('end', () => void server.close());
await server.connect(new StdioServerTransport());
