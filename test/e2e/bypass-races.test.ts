import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DIALECTS, showsAll, type AnyClient, type Connect } from '../support/clients.ts';
import { serve } from '../support/frames-client.ts';
import { HELD } from '../support/held.ts';
import { openHouse } from '../support/house.ts';

const SERVERS = ['house', 'out'];
const ASK = { method: 'sampling/createMessage', message: 'What do you know?' };
const [OLD = '', , NEW = ''] = Object.keys(DIALECTS);

describe('a question that waits while the model reads', () => {
  for (const [what, labels, leaves, transport, dialects] of [
    ['is answered with what is no secret', [], true, 'HTTP', [OLD, NEW]],
    ['is not answered with a secret', ['secret'], false, 'HTTP', [OLD, NEW]],
    ['is not answered with a secret', ['secret'], false, 'stdio', [OLD, NEW]],
    ['waits for no one to say yes', ['private', 'untrusted'], false, 'stdio', [OLD]],
  ] as const)
    test(`${what}, over ${transport}`, async (t) => {
      const house = await openHouse(t, labels);
      const web = transport === 'HTTP' ? await house.overHttp() : undefined;
      for (const dialect of dialects) {
        await house.signIn({ user: dialect });
        const place = web
          ? { url: web.url, token: await web.token({ sub: dialect }) }
          : serve(house);
        const connect: Connect | undefined = DIALECTS[dialect];
        let wasAsked = false;
        const client: AnyClient | undefined = await connect?.(t, {
          place,
          async sample() {
            wasAsked = true;
            const read = await client?.call('house__read_held', { form: 'text' });
            return read?.content[0]?.text ?? '';
          },
        });
        assert.ok(client);
        await showsAll(client, SERVERS);
        const before = house.left().length;
        await client.call('out__ask', ASK);
        const since = house.left().slice(before);
        assert.ok(wasAsked);
        assert.equal(
          since.some((frame) => frame.includes(HELD)),
          leaves,
          dialect,
        );
      }
    });
});
