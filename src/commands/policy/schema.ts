import { readFile } from 'node:fs/promises';
import { parseLock } from '../../catalogue/lock-file.ts';
import type { CapabilityClass } from '../../call.ts';
import { configuredBundle } from '../../configured-policy.ts';
import { loadConfig } from '../../config/load.ts';
import { readKnownTools } from '../../known-tools.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import { createCedar } from '../../policy/cedar.ts';
import { BASE_SCHEMA } from '../../policy/policies.ts';
import { createVocabulary } from '../../policy/schema.ts';
import { cedarRecord } from '../../policy/typed/argument-type.ts';
import { argumentTypes } from '../../policy/typed/argument-types.ts';
import type { Command, Io } from '../command.ts';
import { parseOptions } from '../parse-options.ts';

const usage = `Usage: sallyport policy schema [--config FILE] [--json]

Prints the Cedar schema for editors: everything that policies can speak about, with one action for each accepted tool, in
its classes, and the types of its arguments. Arguments that have no type are named in comments.

  --config FILE   the configuration; by default as for sallyport check
  --json          Cedar's JSON form, without comments

Exit code: 0, or 2 for a configuration or a lock file that cannot be used.
`;

export const command = {
  summary: 'the Cedar schema of accepted tools, for editors',
  usage,
  run,
} satisfies Command;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values } = parseOptions('policy schema', argv, {
    config: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const path = values.config === undefined ? {} : { path: values.config };
  const config = await loadConfig({ ...path, env: io.env, cwd: io.cwd });
  const signed = (await configuredBundle(config))?.contents.lock;
  const known = await readKnownTools(config, signed);
  const { lock } = config.catalogue;
  const bytes = signed ?? (await readFile(lock).catch(() => undefined));
  const rows = bytes ? [...parseLock(bytes, lock).values()] : [];
  const classes = new Map<string, readonly CapabilityClass[]>(
    rows
      .filter(({ kind }) => kind === 'tool')
      .map(({ server, name, entry }) => [`tools/call:${server}/${name}`, entry.classes] as const),
  );
  const cedar = createCedar();
  const base = await readFile(BASE_SCHEMA, 'utf8');
  const read = cedar.use((module) => module.schemaToJson(base));
  if (read.type !== 'success') throw new TypeError('Cannot read the base schema');
  const types = [...known].map(([id, tool]) => [id, argumentTypes(tool)] as const);
  const schema = createVocabulary(read.json).whole(
    new Map(
      types.map(([id, { type }]) => [
        id,
        // The gateway's own tools are not in the lock file: they run code.
        { classes: classes.get(id) ?? ['code_execution'], args: cedarRecord(type) },
      ]),
    ),
  );
  if (values.json) {
    io.stdout.write(`${JSON.stringify(schema)}\n`);
    return EXIT.ok;
  }
  const text = cedar.use((module) => module.schemaToText(schema));
  if (text.type !== 'success')
    throw new Fault(`Cannot print the schema: ${text.errors[0]?.message ?? 'no reason'}`);
  const missing = types.flatMap(([id, { unmapped }]) =>
    unmapped.map(({ place, why }) => `// ${visible(`${id} ${place}: ${why}`)}\n`),
  );
  io.stdout.write(`${missing.join('')}${text.text.trimEnd()}\n`);
  return EXIT.ok;
}
