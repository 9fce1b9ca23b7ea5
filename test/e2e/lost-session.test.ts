import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isJsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type FramesClient } from '../support/frames-client.ts';
import { forgetfulServer, type ForgetfulServer } from '../support/forgetful.ts';
import { createGate } from '../support/gate.ts';

type Connected = { server: ForgetfulServer; client: FramesClient; call: () => Promise<string> };

async function connect(context: TestContext): Promise<Connected> {
  const server = await forgetfulServer(context);
  const gate = await createGate(context, {
    servers: { far: { url: server.url.href } },
    firstUse: true,
  });
  const client = startFrames(context, serve(gate));
  client.answer = () => ({ result: { action: 'accept', content: {} } });
  await client.open({ elicitation: {} });
  await client.request('tools/list');
  async function call(): Promise<string> {
    const { result } = await client.request('tools/call', { name: 'far__work', arguments: {} });
    return isJsonObject(result) ? JSON.stringify(result) : '';
  }
  assert.match(await call(), /worked/u);
  return { server, client, call };
}

for (const status of [404, 400] as const)
  test(`a session that is lost with ${status} costs no call, and none is worked on twice`, async (context) => {
    const { server, call } = await connect(context);
    const { opened, worked } = server;
    for (let round = 1; round <= 3; round++) {
      server.forget(status);
      assert.match(await call(), /"text":"worked"/u);
      assert.equal(server.worked, worked + round);
      assert.equal(server.opened, opened + round);
    }
  });

test('a call that may have been worked on is not sent again', async (context) => {
  const { server, call } = await connect(context);
  const { worked } = server;
  server.dieInNextCall();
  assert.match(await call(), /upstream-failed/u);
  assert.equal(server.worked, worked + 1);
});

test('a definition that changed with the lost session is not used by the call that found out', async (context) => {
  const { server, call } = await connect(context);
  const { worked } = server;
  server.description = 'works otherwise';
  server.forget(404);
  assert.match(await call(), /quarantined|upstream-failed|Unknown tool|^$/u);
  assert.equal(server.worked, worked);
});
