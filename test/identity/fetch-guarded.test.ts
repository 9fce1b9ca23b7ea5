import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { createFetchGuarded } from '../../src/identity/fetch-guarded.ts';

const PUBLIC = '93.184.216.34';
const INSIDE = 'https://vault.internal.example';

/** Asks `urls` one after another; the server's name leads to the next of `answers` each time. Says how each ended. */
async function ask(
  answers: readonly (readonly string[])[],
  urls: readonly string[],
): Promise<readonly string[]> {
  let at = 0;
  const fetch = createFetchGuarded({
    server: new URL('https://notes.example/mcp'),
    resolve: async (host) =>
      await Promise.resolve(
        host === 'notes.example'
          ? (answers[Math.min(at++, answers.length - 1)] ?? [])
          : ['10.0.0.5'],
      ),
    connect: (address) => {
      throw new Error(`asked ${address}`);
    },
  });
  const ends: string[] = [];
  for (const url of urls) await fetch(url).catch((thrown: unknown) => ends.push(String(thrown)));
  return ends;
}

for (const [name, answers] of [
  ['is public', [[PUBLIC]]],
  ['is public and private', [[PUBLIC, '10.0.0.1']]],
  ['is private and public', [['10.0.0.1', PUBLIC]]],
  ['was public and is private now', [[PUBLIC], ['10.0.0.1']]],
  ['has no address', [[], ['10.0.0.1']]],
] as const)
  test(`a server whose name ${name} sends nobody to the private network`, async () => {
    for (const said of await ask(answers, [INSIDE, INSIDE])) assert.match(said, /is not public/u);
  });

test('a server of the private network sends people there', async () => {
  const said = await ask([['10.0.0.1', '10.0.0.2']], ['https://notes.example/mcp', INSIDE]);
  assert.deepEqual(said, ['Error: asked 10.0.0.1', 'Error: asked 10.0.0.5']);
});

test('a public server that was private for one answer is not asked again', async () => {
  const answers = [['10.0.0.1'], [PUBLIC]];
  const [said = ''] = await ask(answers, ['https://notes.example/mcp']);
  assert.match(said, /its address was a private one before/u);
});

test('a name that could not be looked up is looked up again', async () => {
  let asked = 0;
  const fetch = createFetchGuarded({
    server: new URL('https://notes.example/mcp'),
    async resolve() {
      if (asked++ === 0) throw new Error('no answer');
      return await Promise.resolve(['10.0.0.1']);
    },
    connect: (address) => {
      throw new Error(`asked ${address}`);
    },
  });
  await assert.rejects(fetch(INSIDE), /no answer/u);
  await assert.rejects(fetch(INSIDE), /asked 10\.0\.0\.1/u);
});

for (const status of [301, 302, 303, 307, 308])
  test(`a ${status} leads nowhere, neither what was asked nor what was sent along`, async (context) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status, { location: '/inside' }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => server.close());
    const address = server.address();
    assert.ok(address !== null && typeof address !== 'string');
    const url = new URL(`http://127.0.0.1:${address.port}/token`);
    const fetch = createFetchGuarded({ server: url });
    const body = new URLSearchParams({ code: 'secret' });
    await assert.rejects(fetch(url, { method: 'POST', body }), /Cannot follow a redirect/u);
    assert.deepEqual(asked, ['/token']);
  });
