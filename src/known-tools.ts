import { readFile } from 'node:fs/promises';
import { acceptedDefinition, readAccepted } from './catalogue/accepted.ts';
import { parseLock } from './catalogue/lock-file.ts';
import type { Config } from './config/config.ts';
import { isJsonObject, parseJson, type JsonObject } from './lib/json.ts';
import { createTrusts } from './policy/facts/trusted-hosts.ts';
import type { FactsOptions, KnownTools } from './policy/policy.ts';

/** What facts about arguments are found by. */
export function factsOptions({ policy, secrets }: Config): FactsOptions {
  const { zones, trustedHosts } = policy;
  return {
    zones,
    secrets,
    ...(trustedHosts.length > 0 && { trusts: createTrusts(trustedHosts) }),
  };
}

/** Tools as they were accepted, and the gateway's own, by the id of their Cedar action. Throws a `Fault` for a broken lock;
 * `signed` is that of a bundle, and stands in place of the file. */
export async function readKnownTools(
  { catalogue, builtin }: Config,
  signed?: Uint8Array,
): Promise<KnownTools> {
  const { lock } = catalogue;
  const bytes = signed ?? (await readFile(lock).catch(() => undefined));
  const rows = bytes ? [...parseLock(bytes, lock).values()] : [];
  const accepted = await readAccepted(lock);
  const known = rows
    .filter(({ kind }) => kind === 'tool')
    .map((row) => [actionOf(row), acceptedDefinition(accepted, row)] as const);
  const tools = new Map(known.flatMap(([id, tool]) => (tool ? [[id, tool] as const] : [])));
  if (builtin.code) {
    const { describeTools } = await import('../servers/code/code-server.ts');
    for (const tool of describeTools(builtin.code.languages))
      tools.set(actionOf({ server: 'code', name: tool.name }), {
        name: tool.name,
        inputSchema: asJson(tool.inputSchema),
      });
  }
  return tools;
}

function actionOf({ server, name }: { readonly server: string; readonly name: string }): string {
  return `tools/call:${server}/${name}`;
}

function asJson(schema: object): JsonObject {
  const value = parseJson(JSON.stringify(schema), { maxBytes: 1024 * 1024, maxDepth: 64 });
  if (isJsonObject(value)) return value;
  throw new TypeError('Cannot read a schema: it is no object');
}
