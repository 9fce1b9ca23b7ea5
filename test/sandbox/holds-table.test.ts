import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GET_THROUGH } from './control.ts';
import { JAVASCRIPT, PAGE, withTables } from './holds-table.ts';
import { readVectors } from './vectors.ts';
import { MACHINES, NAMES, WAYS } from './ways.ts';

test('docs/sandbox.md says which ways there are and which attack is contained by which', () => {
  const page = readFileSync(PAGE, 'utf8');
  assert.equal(page, withTables(page), 'node dist/test/sandbox/holds-table.js --write');
});

test('every attack has a form in JavaScript for the tier that runs nothing else', () => {
  for (const { name, quickjs } of readVectors())
    for (const each of quickjs)
      assert.ok(existsSync(join(JAVASCRIPT, `${each}.txt`)), `${name}: ${each}`);
});

test('what is told not to hold is on the list', () => {
  const known = new Set(readVectors().map(({ name }) => name));
  const told = [...NAMES.map((name) => WAYS[name]), MACHINES].flatMap(({ fails }) =>
    Object.keys(fails),
  );
  for (const name of [...told, ...GET_THROUGH]) assert.ok(known.has(name), name);
});
