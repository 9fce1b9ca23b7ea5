import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type Frame } from '../support/frames-client.ts';
import { createHostileGate, received } from '../support/gate.ts';
import { denialOf, rpcCodeOf, textOf } from '../support/replies.ts';
import { vectors } from '../support/vectors.ts';

/** One tool and one note for this person, and no more than 250 bytes at once. */
const POLICY = `
  @id("echo") permit (principal == User::"alice", action == Action::"tools/call:bad/read_echo", resource);
  @id("note") permit (principal, action == Action::"resources/read", resource == Resource::"bad/note://fine");
  @id("small") forbid (principal, action, resource) when { context.facts.bytes > 250 };
`;

test('ways around the policy', async (context) => {
  const gate = await createHostileGate(context, { policy: POLICY });
  const client = startFrames(context, serve(gate));
  await client.open();
  const reached = (): Frame[] =>
    received(gate.log).filter(
      ({ method }) => method === 'tools/call' || method === 'resources/read',
    );
  for (const { name, expect, source, sends, method, text } of vectors('bypass'))
    await context.test(`${name}: ${expect.join()}`, async () => {
      assert.notEqual(source, '');
      const [from, before] = [client.received.length, reached().length];
      client.write(
        `{"jsonrpc":"2.0","id":"${name}","method":"${method ?? 'tools/call'}","params":${text.trim()}}\n`,
      );
      const answer = await client.next(
        ({ id, error }) => id === name || (id === null && error !== undefined),
        from,
      );
      assert.equal(outcomeOf(answer), expect.join());
      const passed = reached().slice(before);
      assert.equal(passed.length, expect.join() === 'passes' ? 1 : 0);
      for (const { params } of passed) {
        assert.ok(isJsonObject(params) && sends !== undefined);
        assert.deepEqual(params['arguments'] ?? {}, JSON.parse(sends));
      }
    });
});

/** `passes`, `unknown` as for what does not exist, a denial code, or the code of JSON-RPC. */
function outcomeOf(answer: Frame): string {
  if (isJsonObject(answer['result']) && denialOf(answer) === undefined) return 'passes';
  if (/^(?:Unknown tool|Resource not found|Unknown resource)/u.test(textOf(answer)))
    return 'unknown';
  return denialOf(answer) ?? String(rpcCodeOf(answer));
}
