import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinMembers } from '../../src/lib/members.ts';

const members = (...names: string[]): Map<string, string> =>
  new Map(names.map((name, at) => [name, String(at)]));

test('members are joined in the order of their names, however often and in whatever order they come', () => {
  for (let round = 0; round < 3; round++) {
    assert.equal(joinMembers(members('b', 'a')), '{"a":1,"b":0}');
    assert.equal(joinMembers(members('a', 'b')), '{"a":0,"b":1}');
  }
  assert.equal(joinMembers(members()), '{}');
  assert.equal(joinMembers(members('"', '\n')), String.raw`{"\n":1,"\"":0}`);
});

test('names that look alike together lose no member to each other', () => {
  for (const names of [['a,b', 'c'], ['a', 'b,c'], ['a', 'b', 'c'], ['a,b,c'], ['', ''], [',']])
    assert.equal(
      Object.keys(JSON.parse(joinMembers(members(...names)))).length,
      new Set(names).size,
      JSON.stringify(names),
    );
});
