import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createAgree } from '../../src/wire/modern-agent/mirrored.ts';

const NAMES = Array.from({ length: 200 }, (_, n) => `h${n}`);
const SCHEMA = {
  properties: Object.fromEntries(
    NAMES.map((name) => [name, { type: 'string', 'x-mcp-header': name.toUpperCase() }]),
  ),
};
const ARGS = Object.fromEntries(NAMES.map((name) => [name, name]));

function agreeWith(said: Readonly<Record<string, string>>): (definition: JsonObject) => void {
  return createAgree((name) => said[name], ARGS);
}

function isMismatch(thrown: unknown): boolean {
  return thrown instanceof Denial && thrown.code === 'header-mismatch';
}

test('every header that a tool declares is looked at, however many there are', () => {
  const said = Object.fromEntries(NAMES.map((name) => [`mcp-param-${name}`, name]));
  agreeWith(said)({ inputSchema: SCHEMA });
  for (const name of NAMES) {
    const forged = { ...said, [`mcp-param-${name}`]: 'forged' };
    assert.throws(() => agreeWith(forged)({ inputSchema: SCHEMA }), isMismatch, name);
  }
});

for (const [name, inputSchema] of [
  [
    'twice',
    {
      properties: {
        h1: { type: 'string', 'x-mcp-header': 'A' },
        h2: { type: 'string', 'x-mcp-header': 'a' },
      },
    },
  ],
  ['for an object', { properties: { h1: { type: 'object', 'x-mcp-header': 'A' } } }],
  ['for items', { properties: { h1: { items: { type: 'string', 'x-mcp-header': 'A' } } } }],
] as const)
  test(`a tool that declares a header ${name} cannot be called with headers`, () => {
    assert.throws(() => agreeWith({ 'mcp-param-a': 'h1' })({ inputSchema }), isMismatch);
  });
