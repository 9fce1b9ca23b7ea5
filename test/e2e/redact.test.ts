import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { isJsonObject } from '../../src/lib/json.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { createGate, realServer } from '../support/gate.ts';
import { scratch } from '../support/scratch.ts';

const KEY = `ghp_${'a1B2'.repeat(9)}`;

const POLICY = `
  @id("all") permit (principal, action, resource);
  @id("no-pii") @redact("pii") forbid (principal, action, resource in Server::"files")
  unless { context.pep.enforce.contains("pii") };
  @id("no-secrets") @redact("secrets") @reason("keys stay here")
  forbid (principal, action, resource)
  when { resource has server && ["files", "everything"].contains(resource.server) }
  unless { context.pep.enforce.contains("redact:secrets") };
`;

test('results of real servers come without what policy wants taken out of them', async (context) => {
  const folder = await scratch(context);
  const text = `To alice@example.com, card 4111 1111 1111 1111\nkey: ${KEY}\n`;
  await writeFile(join(folder, 'note.txt'), text);
  await writeFile(
    join(folder, 'picture.png'),
    Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB', 'base64'),
  );
  const gate = await createGate(context, {
    servers: {
      files: realServer('filesystem', folder),
      everything: realServer('everything'),
    },
    policy: POLICY,
    firstUse: true,
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  const call = async (name: string, args: object): Promise<Record<string, unknown>> => {
    const params = { name, arguments: { ...args }, _meta: { progressToken: 'p' } };
    const { result } = await client.request('tools/call', params);
    assert.ok(isJsonObject(result));
    return result;
  };

  await context.test('text and structured content alike', async () => {
    const result = await call('files__read_text_file', { path: join(folder, 'note.txt') });
    const want = 'To [redacted:email], card [redacted:card]\nkey: [redacted:github]\n';
    assert.deepEqual(result['content'], [{ type: 'text', text: want }]);
    assert.deepEqual(result['structuredContent'], { content: want });
  });

  await context.test('the kinds that are wanted, and no others', async () => {
    const { content } = await call('everything__echo', { message: `a@example.com ${KEY}` });
    assert.deepEqual(content, [{ type: 'text', text: 'Echo: a@example.com [redacted:github]' }]);
  });

  await context.test('a picture is withheld', async () => {
    const result = await call('files__read_media_file', { path: join(folder, 'picture.png') });
    assert.equal(result['isError'], true);
    assert.match(JSON.stringify(result), /output-withheld/u);
    assert.doesNotMatch(JSON.stringify(result), /iVBOR/u);
  });

  await context.test('an error of the server too', async () => {
    const path = join(folder, 'bob@example.com');
    const result = await call('files__read_text_file', { path });
    assert.equal(result['isError'], true);
    assert.doesNotMatch(JSON.stringify(result), /bob@/u);
    assert.match(JSON.stringify(result), /redacted:email/u);
  });

  await context.test('progress says how far, and nothing in words', async () => {
    const from = client.received.length;
    await call('everything__trigger-long-running-operation', { duration: 0.2, steps: 2 });
    const told = client.received
      .slice(from)
      .filter(({ method }) => method === 'notifications/progress');
    assert.ok(told.length > 0);
    for (const { params } of told)
      assert.deepEqual(Object.keys(isJsonObject(params) ? params : {}).toSorted(), [
        'progress',
        'progressToken',
        'total',
      ]);
  });
});
