import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../src/lib/json.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { callsOf, createHostileGate } from '../support/gate.ts';
import { denialOf, isErrorOf, rpcCodeOf, textOf } from '../support/replies.ts';

function nested(depth: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

const WRONG: readonly (readonly [string, object | undefined, string, RegExp])[] = [
  ['a required field is missing', {}, 'arguments-invalid', /text/u],
  ['all are missing', undefined, 'arguments-invalid', /text/u],
  ['a field has another type', { text: 7 }, 'arguments-invalid', /\/text must be string/u],
  ['a text is too long', { text: 'x'.repeat(1001) }, 'arguments-invalid', /\/text/u],
  ['a number is too small', { text: 'x', count: -1 }, 'arguments-invalid', /\/count/u],
  ['a number is not whole', { text: 'x', count: 1.5 }, 'arguments-invalid', /\/count/u],
  ['two are wrong', { text: 1, count: 'x' }, 'arguments-invalid', /\/text.*\/count/su],
  ['they are too large', { text: 'x', more: 'x'.repeat(5_000_000) }, 'too-large', /bytes/u],
]; // prettier-ignore

test('arguments that do not fit the schema', async (context) => {
  const gate = await createHostileGate(context, {});
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.request('tools/list');

  for (const [why, args, code, says] of WRONG)
    await context.test(`are refused when ${why}`, async () => {
      const answer = await client.request('tools/call', {
        name: 'bad__read_echo',
        ...(args && { arguments: { ...args } }),
      });
      assert.deepEqual([denialOf(answer), isErrorOf(answer)], [code, true]);
      assert.match(textOf(answer), says);
    });

  await context.test('are refused for a prompt, by the name of the argument', async () => {
    for (const [args, says] of [
      [{}, /who/u],
      [{ who: 7 }, /who/u],
    ] as const) {
      const answer = await client.request('prompts/get', { name: 'bad__fine', arguments: args });
      assert.deepEqual([rpcCodeOf(answer), denialOf(answer)], [-32602, 'arguments-invalid']);
      assert.match(textOf(answer), says);
    }
  });

  await context.test(
    'deep ones pass while they can be read, and are forwarded as they came',
    async () => {
      const deep = nested(55);
      const answer = await client.request('tools/call', {
        name: 'bad__read_echo',
        arguments: { text: 'deep', more: deep },
      });
      assert.equal(textOf(answer), 'you said: deep');
      const from = client.received.length;
      client.send({
        jsonrpc: '2.0',
        id: 'deeper',
        method: 'tools/call',
        params: { name: 'bad__read_echo', arguments: { text: 'x', more: nested(70) } },
      });
      const refused = await client.next(({ error }) => error !== undefined, from);
      assert.deepEqual([refused['id'], rpcCodeOf(refused)], [null, -32600]);
    },
  );

  await context.test('never reach the server, and each refusal has a record', () => {
    assert.deepEqual(callsOf(gate.log), ['read_echo']);
    const codes = gate.audit().flatMap(({ event, code }) => (event === 'denial' ? [code] : []));
    assert.deepEqual(codes, [
      ...WRONG.map(([, , code]) => code),
      'arguments-invalid',
      'arguments-invalid',
    ]);
  });
});
