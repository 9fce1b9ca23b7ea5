import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHttpChannel } from '../../src/wire/http-upstream/open-http-channel.ts';
import { forgetfulServer } from '../support/forgetful.ts';
import { until } from '../support/until.ts';
import { upstreamTo } from '../support/upstream-to.ts';

for (const allowed of [true, false])
  test(`a call is sent again after a lost session ${allowed ? 'when' : 'unless'} its caller still wants it`, async (context) => {
    const server = await forgetfulServer(context);
    const { upstream, downs } = await upstreamTo(
      context,
      openHttpChannel({
        url: server.url,
        headers: {},
        maxFrameBytes: 100_000,
        onTrouble: () => undefined,
      }),
    );
    server.forget(404);
    const stale = new Error('it changed meanwhile');
    const limits = {
      signal: new AbortController().signal,
      timeoutMs: 5000,
      maxTotalMs: 5000,
      beforeRetry() {
        if (!allowed) throw stale;
      },
    };
    const called = upstream.request('tools/call', { name: 'work', arguments: {} }, limits).then(
      ({ content }) => content,
      (thrown: unknown) => thrown,
    );
    // Only the timer of this wait keeps the process of the test alive.
    await until(() => downs.length === 1 && upstream.state === 'ready');
    assert.deepEqual(await called, allowed ? [{ type: 'text', text: 'worked' }] : stale);
    assert.equal(server.worked, allowed ? 1 : 0);
    assert.equal(server.opened, 2);
  });
