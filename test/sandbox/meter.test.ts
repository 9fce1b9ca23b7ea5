import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGatewayMetrics } from '../../src/metrics/gateway-metrics.ts';
import { createRegistry } from '../../src/metrics/registry.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { createGate } from '../support/gate.ts';
import { parseOpenMetrics, sampleOf } from '../support/openmetrics.ts';
import { textOf } from '../support/replies.ts';
import { until } from '../support/until.ts';
import { noDocker, openSandbox, run } from './support.ts';

const clock = (): number => performance.now();

const STANDARD = { tier: 'gvisor', path: 'standard' };

test(
  'starts, waiting time and the queue are counted, for who gives up too',
  { skip: noDocker },
  async (context) => {
    const registry = createRegistry();
    const { sandbox: meter } = createGatewayMetrics({ registry, servers: [], clock });
    const sandbox = openSandbox({ meter, slots: { size: 1, queue: 8, waitMs: 600_000 } });
    context.after(async () => await sandbox.close());
    const now = (name: string, labels = {}): number | undefined =>
      sampleOf(
        parseOpenMetrics(registry.render('openmetrics')),
        `sallyport_sandbox_${name}`,
        labels,
      );

    const hold = new AbortController();
    const first = run(sandbox, { language: 'bash', code: 'sleep 600', signal: hold.signal });
    await until(() => now('starts_total', STANDARD) === 1);
    assert.equal(now('queue_depth'), 0);
    const second = run(sandbox, { language: 'bash', code: 'echo second' });
    const leave = new AbortController();
    const third = run(sandbox, { language: 'bash', code: 'echo third', signal: leave.signal });
    await until(() => now('queue_depth') === 2);
    assert.equal(now('wait_seconds_count'), 1);
    leave.abort(new Error('left'));
    await assert.rejects(third, /left/u);
    assert.equal(now('queue_depth'), 1);
    hold.abort(new Error('enough'));
    await assert.rejects(first, /enough/u);
    assert.equal((await second).stdout, 'second\n');
    assert.equal(now('queue_depth'), 0);
    assert.equal(now('wait_seconds_count'), 3);
    assert.equal(now('starts_total', STANDARD), 2);
    assert.equal(now('start_seconds_count', { tier: 'gvisor' }), 2);
    assert.ok((now('start_seconds_sum', { tier: 'gvisor' }) ?? 0) > 0);
  },
);

test('a gateway tells of its sandboxes', { skip: noDocker }, async (context) => {
  const gate = await createGate(context, {
    servers: {},
    pinned: false,
    config: {
      builtin: { code: { languages: ['bash'] } },
      sandbox: { docker: { host: process.env['DOCKER_HOST'] } },
      http: { metrics: '127.0.0.1:0' },
    },
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  const code = { name: 'code__execute_bash', arguments: { code: 'echo here' } };
  const ran = textOf(await client.request('tools/call', code));
  assert.match(ran, /"stdout":"here\\n"/u);
  const [, url = ''] = /"url":"([^"]+)","msg":"metrics"/u.exec(client.stderr()) ?? [];
  const accept = 'application/openmetrics-text';
  const found = parseOpenMetrics(await (await fetch(url, { headers: { accept } })).text());
  assert.equal(sampleOf(found, 'sallyport_sandbox_starts_total', STANDARD), 1);
  assert.equal(sampleOf(found, 'sallyport_sandbox_wait_seconds_count'), 1);
  const calls = { outcome: 'ok', server: 'code' };
  assert.equal(sampleOf(found, 'sallyport_calls_total', calls), 1);
});
