#!/usr/bin/env node
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { packageVersion } from '../../src/lib/package-root.ts';
import { createLocalSandbox } from '../../src/sandbox/local-sandbox.ts';
import { createCodeServer } from './code-server.ts';

const sandbox = createLocalSandbox({
  env: process.env,
  log: (message) => process.stderr.write(`sallyport-code: ${message}\n`),
});
const server = createCodeServer({
  run: async (program) => await sandbox.run(program),
  languages: ['python', 'javascript', 'bash'],
  isGated: false,
  timeoutMs: 30_000,
  version: packageVersion(),
});

let ending: Promise<void> | undefined;
function end(): void {
  ending ??= server.close().then(async () => await sandbox.close());
}
// The client's end of the pipe is the end of this server.
process.stdin.once('end', end).once('close', end);
process.once('SIGINT', end).once('SIGTERM', end);

await server.connect(new StdioServerTransport());
