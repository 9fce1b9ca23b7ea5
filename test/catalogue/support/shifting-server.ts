/**
 * An MCP server on stdio that lists whatever the JSON file of its first argument says at that moment:
 * `{ tools?, resources?, resourceTemplates?, prompts?, dieOn? }`.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isJsonObject } from '../../../src/lib/json.ts';
import type { JsonObject } from '../../../src/lib/json.ts';

const LISTS: Readonly<Record<string, string>> = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};

function surface(): JsonObject {
  const value: unknown = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
  return isJsonObject(value) ? value : {};
}

function answer(method: unknown): JsonObject {
  if (method === 'initialize')
    return {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {}, resources: {}, prompts: {} },
      serverInfo: { name: 'shifting', version: '0' },
    };
  if (surface()['dieOn'] === method) process.exit(1);
  const member = LISTS[String(method)];
  return member === undefined ? {} : { [member]: surface()[member] ?? [] };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message: unknown = JSON.parse(line);
  if (!isJsonObject(message) || message['id'] === undefined) return;
  const { id, method } = message;
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: answer(method) })}\n`);
});
