import { packageVersion } from '../lib/package-root.ts';
import { SERVED_VERSIONS } from '../wire/modern-agent/envelope.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';

export const command = {
  summary: 'version of Sallyport, of Node and of the MCP protocol',
  usage: `Usage: sallyport version [--json]

  --json   one JSON document: { version, node, protocolVersions }
`,
  run,
} satisfies Command;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { json } = parseOptions('version', argv, { json: { type: 'boolean' } }).values;
  const facts = {
    version: packageVersion(),
    node: process.versions.node,
    protocolVersions: SERVED_VERSIONS,
  };
  io.stdout.write(
    json === true
      ? `${JSON.stringify(facts)}\n`
      : `sallyport ${facts.version}\nnode ${facts.node}\nMCP ${facts.protocolVersions.join(' ')}\n`,
  );
  return 0;
}
