import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import type { OpenChannel } from '../../src/wire/channel.ts';
import { masked } from '../../src/wire/masked.ts';
import { listenHttp } from '../support/listen-http.ts';

const mask = (text: string): string => text.replaceAll('s3cret-of-alice', '[redacted]');
const events = { onFrame: () => undefined, onClose: () => undefined };

/** What is thrown of a channel that could not be opened for this reason. */
async function thrownFor(reason: unknown): Promise<unknown> {
  const open: OpenChannel = async () => await Promise.reject(reason);
  return await masked(open, mask)(events, new AbortController().signal).catch(
    (thrown: unknown) => thrown,
  );
}

test('a refusal for want of time stays what it is', async (t) => {
  const url = await listenHttp(t, createServer());
  const request = get(url, { signal: AbortSignal.timeout(50) });
  const cause: unknown = await once(request, 'response').catch((thrown: unknown) => thrown);
  assert.ok(cause instanceof Error && cause.cause instanceof DOMException);
  const denial = new Denial('upstream-failed', 'Cannot ask: s3cret-of-alice', { cause });
  assert.equal(await thrownFor(denial), denial);
  assert.equal(denial.message, 'Cannot ask: [redacted]');
});

for (const [name, error] of [
  ['an error', new Error('no s3cret-of-alice')],
  ['an exception of the platform', new DOMException('no s3cret-of-alice', 'TimeoutError')],
  ['a cause', new Error('no', { cause: new Error('s3cret-of-alice') })],
] as const)
  test(`${name} says no secret, nor does its stack`, async () => {
    assert.equal(await thrownFor(error), error);
    for (const each of [error, error.cause])
      if (each instanceof Error) {
        assert.ok(!`${each.message} ${each.stack}`.includes('s3cret-of-alice'));
        assert.match(each.message, /^no$|redacted/u);
      }
  });

test('errors that are causes of each other have an end', async () => {
  const one = new Error('s3cret-of-alice');
  one.cause = new Error('two', { cause: one });
  assert.equal(await thrownFor(one), one);
  assert.equal(one.message, '[redacted]');
});
