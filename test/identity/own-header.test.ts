/** Servers over HTTP that want a secret of each person in a header. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { writeSecret } from '../../src/identity/own-secret.ts';
import { createVault } from '../../src/identity/vault.ts';
import { DIALECTS, showsAll, type AnyClient } from '../support/clients.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { listenHttp } from '../support/listen-http.ts';
import { until } from '../support/until.ts';

const KEY = randomBytes(32);
const ISSUER = 'https://idp.example';
const PEOPLE: Readonly<Record<string, string>> = {
  'key-of-alice-0815': 'alice',
  'key-of-bob-0816': 'bob',
  'key-of-bob-0817': 'bob again',
};

/** A server that knows people by their keys, and says which one it got. */
async function startServer(context: TestContext): Promise<{ url: string; seen: Set<string> }> {
  const seen = new Set<string>();
  const http = createServer((request, response) => {
    const key = String(request.headers['x-api-key']);
    const name = PEOPLE[key];
    seen.add(`${key} ${request.headers.authorization ?? ''}`);
    if (name === undefined) {
      response.writeHead(401).end(`no such key: ${key}`);
      return;
    }
    const mcp = new McpServer({ name: 'keys', version: '1' });
    mcp.registerTool('read_whose', { description: 'Says whose key it got.' }, () => ({
      content: [{ type: 'text', text: `key of ${name}: ${key}` }],
    }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.once('close', () => void mcp.close());
    void mcp.connect(transport).then(async () => await transport.handleRequest(request, response));
  });
  return { url: `${await listenHttp(context, http)}/mcp`, seen };
}

async function whose(client: AnyClient): Promise<string> {
  return JSON.stringify((await client.call('svc__read_whose', {})).content);
}

test('each person is shown by their own key, which comes back to nobody', async (context) => {
  const { url, seen } = await startServer(context);
  const gate = await startHttpGate(context, {
    servers: { svc: { url, auth: { secret: { header: 'X-Api-Key' } } } },
    policy: '@id("test.all") permit(principal, action, resource);',
    env: { SALLYPORT_VAULT_KEY: KEY.toString('base64') },
    logLevel: 'debug',
  });
  const vault = createVault(join(gate.folder, 'state', 'vault.json'), KEY);
  const give = async (subject: string, secret: string, place = url): Promise<void> => {
    const owner = { issuer: ISSUER, subject, server: 'svc' };
    await vault.change(owner, async () => await Promise.resolve(writeSecret(secret, place)));
  };
  await give('alice', 'key-of-alice-0815');
  await give('bob', 'key-of-bob-0816');
  await give('mallory', 'key-of-mallory-1', 'https://elsewhere.example/mcp');
  const connect = async (sub: string): Promise<AnyClient> => {
    const sdk = DIALECTS['SDK 1.x'];
    assert.ok(sdk);
    return await sdk(context, { place: { url: gate.url, token: await gate.token({ sub }) } });
  };
  const [alice, bob, mallory] = [
    await connect('alice'),
    await connect('bob'),
    await connect('mallory'),
  ];
  await Promise.all([showsAll(alice, ['svc']), showsAll(bob, ['svc'])]);
  assert.match(await whose(alice), /key of alice: \[redacted:secret\]/u);
  assert.match(await whose(bob), /key of bob: \[redacted:secret\]/u);

  await give('bob', 'key-of-bob-0817');
  await until(async () => (await whose(bob)).includes('bob again'));
  // What it was given for another address is shown to nobody.
  assert.deepEqual((await mallory.listTools({})).tools, []);
  assert.deepEqual([...seen].toSorted(), [
    'key-of-alice-0815 ',
    'key-of-bob-0816 ',
    'key-of-bob-0817 ',
  ]);
  for (const key of Object.keys(PEOPLE)) assert.ok(!gate.stderr().includes(key));
});
