#!/usr/bin/env node
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { packageVersion } from '../../src/lib/package-root.ts';
import { openMetrics } from './database.ts';
import { createMetricsServer } from './metrics-server.ts';

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('sallyport-metrics: Cannot start: name the database\n');
  process.exit(2);
}
const database = openMetrics(path);
const server = createMetricsServer(database, packageVersion());
// The client's end of the pipe is the end of this server.
process.stdin.once('end', () => void server.close().then(() => database.close()));
await server.connect(new StdioServerTransport());
