import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { packageRoot } from '../../src/lib/package-root.ts';
import { serve, startFrames, type FramesClient } from '../support/frames-client.ts';
import { createHostileGate, realServer, type HostileGate } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { openSession, post } from '../support/http-agent.ts';
import { parseOpenMetrics, sampleOf, type ParsedFamily } from '../support/openmetrics.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { until } from '../support/until.ts';

type Families = ReadonlyMap<string, ParsedFamily>;

const ACCEPT = { accept: 'application/openmetrics-text;version=1.0.0' };
const POLICY = `
  @id("test.all") permit (principal, action, resource);
  @id("test.no") forbid (principal, action == Action::"tools/call:bad/read_echo", resource)
    when { context.args has text && context.args.text == "secret" };
`;

async function scrape(url: string): Promise<Families> {
  const response = await fetch(url, { headers: ACCEPT });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^application\/openmetrics-text;/u);
  return parseOpenMetrics(await response.text());
}

/** Where the gateway says it serves them. */
function told(stderr: string): string {
  const [, url] = /"url":"([^"]+)","msg":"metrics"/u.exec(stderr) ?? [];
  return url ?? assert.fail(stderr);
}

type Bench = { readonly gate: HostileGate; readonly client: FramesClient; readonly url: string };

async function bench(
  context: TestContext,
  setting: Parameters<typeof createHostileGate>[1] = {},
): Promise<Bench> {
  const gate = await createHostileGate(context, {
    policy: POLICY,
    config: { http: { metrics: '127.0.0.1:0' } },
    ...setting,
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.request('tools/list');
  return { gate, client, url: told(client.stderr()) };
}

async function call(client: FramesClient, name: string, args: object = {}): Promise<string> {
  const answer = await client.request('tools/call', { name, arguments: { ...args } });
  return denialOf(answer) ?? textOf(answer);
}

/** How many records of the audit fit. */
function records(gate: HostileGate, fits: Readonly<Record<string, unknown>>): number {
  return gate
    .audit()
    .filter((record) => Object.entries(fits).every(([key, value]) => record[key] === value)).length;
}

const sumOf = (families: Families, name: string): number =>
  (families.get(name)?.samples ?? []).reduce((sum, { value }) => sum + value, 0);

test('what calls become is counted as the audit has it', async (context) => {
  const { gate, client, url } = await bench(context, {
    timeoutMs: 2000,
    servers: { everything: realServer('everything') },
  });
  await until(async () => (await call(client, 'everything__echo', { message: 'a' })) === 'Echo: a');
  const calls = [
    ['bad__read_echo', { text: 'x' }, 'you said: x'],
    ['bad__read_error', { error: { code: -32000, message: 'failed' } }, undefined],
    ['bad__read_echo', { text: 'secret' }, 'policy-denied'],
    ['bad__read_echo', { text: 7 }, 'arguments-invalid'],
    ['bad__read_poison', {}, 'output-withheld'],
    ['bad__read_no_result', {}, 'upstream-failed'],
    ['bad__read_hang', {}, 'upstream-timeout'],
    ['bad__read_wrong_shape', {}, 'output-invalid'],
    ['bad__nothing', {}, undefined],
    ['nothing__at_all', {}, undefined],
  ] as const;
  for (const [name, args, want] of calls) {
    const got = await call(client, name, args);
    if (want !== undefined) assert.equal(got, want, name);
  }
  const found = await scrape(url);
  const count = (labels: Record<string, string>): number | undefined =>
    sampleOf(found, 'sallyport_calls_total', labels);
  for (const [outcome, code, server, want] of [
    ['tool-error', '', 'bad', 1],
    ['ok', '', 'bad', 1],
    ['denied', 'policy-denied', 'bad', 1],
    ['denied', 'arguments-invalid', 'bad', 1],
    ['withheld', 'output-withheld', 'bad', 1],
    ['failed', 'upstream-failed', 'bad', 1],
    ['failed', 'upstream-timeout', 'bad', 1],
    ['failed', 'output-invalid', 'bad', 1],
    ['denied', 'tool-unknown', '', 2],
    ['denied', 'tool-unknown', 'bad', 0],
    ['ok', '', 'everything', records(gate, { event: 'outcome', server: 'everything' })],
  ] as const)
    assert.equal(count({ outcome, code, server }), want, `${outcome} ${code} ${server}`);

  // Nothing is counted that is not in the audit, and nothing in it is left out.
  const ended = records(gate, { event: 'outcome' }) + records(gate, { event: 'denial' });
  assert.equal(sumOf(found, 'sallyport_calls'), ended);
  for (const { labels, value } of found.get('sallyport_audit_records')?.samples ?? [])
    assert.equal(value, records(gate, { event: labels.get('event') }), labels.get('event'));
  assert.equal(sampleOf(found, 'sallyport_audit_failures_total'), 0);

  // Each call was looked for, and where it ended its last stage counts too.
  const times = (stage: string): number | undefined =>
    sampleOf(found, 'sallyport_stage_seconds_count', { stage });
  assert.equal(times('find'), ended);
  assert.equal(times('check'), ended - 2);
  assert.equal(times('decide'), ended - 3);
  assert.equal(times('dispatch'), ended - 4);
  assert.equal(times('scan'), ended - 7);
  const waited = sampleOf(found, 'sallyport_stage_seconds_sum', { stage: 'dispatch' });
  assert.ok((waited ?? 0) >= 2, 'the time that ran out is in its stage');

  assert.equal(sampleOf(found, 'sallyport_scan_verdicts_total', { verdict: 'block' }), 1);
  assert.equal(
    sampleOf(found, 'sallyport_scan_verdicts_total', { verdict: 'pass' }),
    records(gate, { event: 'outcome', verdict: 'pass' }),
  );
  assert.equal(sampleOf(found, 'sallyport_connections', { transport: 'stdio' }), 1);
  for (const server of ['bad', 'everything'])
    assert.equal(sampleOf(found, 'sallyport_upstream_up', { server }), 1);
  const manifest: { version: string } = JSON.parse(
    await readFile(join(packageRoot(), 'package.json'), 'utf8'),
  );
  assert.equal(sampleOf(found, 'sallyport_build_info', { version: manifest.version }), 1);
  assert.ok((sampleOf(found, 'process_resident_memory_bytes') ?? 0) > 1e7);
  const age = Date.now() / 1000 - (sampleOf(found, 'process_start_time_seconds') ?? 0);
  assert.ok(age > 0 && age < 600, `${age}`);
  assert.ok((sampleOf(found, 'process_cpu_seconds_total') ?? 0) > 0);
  await client.end();
  await assert.rejects(fetch(url), 'it ends with its gateway');
});

const names = (families: Families): string[] =>
  [...families.values()].flatMap(({ samples }) =>
    samples.map(({ name, labels }) => JSON.stringify([name, ...labels])),
  );

test('no caller and no server makes a series, or is named in one', async (context) => {
  const { client, url } = await bench(context);
  const before = await scrape(url);
  const odd = [
    'x"} 1\nfake_total 7',
    'a\\',
    '{server="bad"}',
    'bad__read_echo\u0000',
    'é'.repeat(99),
  ];
  for (let at = 0; at < 300; at++) {
    const marker = `marker${at}${odd[at % odd.length]}`;
    await client.request('tools/call', { name: marker, arguments: { [marker]: marker } });
    await client.request('resources/read', { uri: `note://${marker}` });
    await client.request('prompts/get', { name: marker });
  }
  for (const name of [
    'read_foreign',
    'read_garbage',
    'read_update',
    'read_change',
    'read_progress',
  ])
    await call(client, `bad__${name}`);
  client.write('{"jsonrpc":"2.0","method":"marker/of/a/method"}\nno json marker\n');
  const after = await scrape(url);
  // A server that was not there yet may be up by now.
  const added = names(after).filter((name) => !names(before).includes(name));
  assert.deepEqual(
    added.filter((name) => !name.includes('sallyport_upstream_up')),
    [],
  );
  const text = await (await fetch(url)).text();
  assert.doesNotMatch(text, /marker|alice|read_echo|fake/u);
  assert.ok((sampleOf(after, 'sallyport_audit_records_total', { event: 'denial' }) ?? 0) >= 900);
});

test('a server that is gone is down, and up when it is back', async (context) => {
  const { client, url } = await bench(context);
  const isUp = async (): Promise<number | undefined> =>
    sampleOf(await scrape(url), 'sallyport_upstream_up', { server: 'bad' });
  await until(async () => (await isUp()) === 1);
  const lost = async (): Promise<number> =>
    sampleOf(await scrape(url), 'sallyport_audit_records_total', { event: 'upstream-down' }) ?? 0;
  await call(client, 'bad__read_exit');
  await until(async () => (await lost()) === 1);
  await until(async () => (await isUp()) === 1);

  const none = await bench(context, {
    servers: { nowhere: { command: process.execPath, args: ['-e', '0'] } },
    pinned: false,
  });
  await until(
    async () =>
      sampleOf(await scrape(none.url), 'sallyport_upstream_up', { server: 'nowhere' }) === 0,
  );
  const state = { server: 'nowhere', state: 'down' };
  assert.equal(sampleOf(await scrape(none.url), 'sallyport_upstream_connections', state), 1);
});

test('over HTTP connections come and go, and the word of a server stays', async (context) => {
  const gate = await startHttpGate(context, {
    servers: { everything: realServer('everything') },
    policy: POLICY.split('\n').slice(0, 2).join('\n'),
    config: { http: { metrics: '127.0.0.1:0' } },
  });
  const url = told(gate.stderr());
  const now = async (name: string, labels = {}): Promise<number | undefined> =>
    sampleOf(await scrape(url), name, labels);
  assert.equal(await now('sallyport_upstream_up', { server: 'everything' }), undefined);
  const token = await gate.token();
  const session = await openSession(gate, token);
  const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
  await post(gate, token, initialized, { 'mcp-session-id': session });
  await until(async () => (await now('sallyport_upstream_up', { server: 'everything' })) === 1);
  assert.equal(await now('sallyport_connections', { transport: 'http' }), 1);
  await fetch(gate.url, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}`, 'mcp-session-id': session },
  });
  await until(async () => (await now('sallyport_connections', { transport: 'http' })) === 0);
  const ready = { server: 'everything', state: 'ready' };
  await until(async () => (await now('sallyport_upstream_connections', ready)) === 0);
  assert.equal(await now('sallyport_upstream_up', { server: 'everything' }), 1);
  assert.equal((await post(gate, undefined, initialized)).status, 401);
  assert.equal(await now('sallyport_audit_records_total', { event: 'frame-refused' }), 1);
  assert.equal(await gate.stop(), 0);
  await assert.rejects(fetch(url));
});

test('a second gateway on the same port says so and does not start', async (context) => {
  const first = await bench(context);
  const { port } = new URL(first.url);
  const gate = await createHostileGate(context, {
    config: { http: { metrics: `127.0.0.1:${port}` } },
    firstUse: true,
  });
  const { code, stdout, stderr } = await gate.run('serve');
  assert.equal(code, 3);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    new RegExp(
      `^sallyport: Cannot serve metrics on 127\\.0\\.0\\.1:${port}: the port is in use\nhint: `,
      'mu',
    ),
  );
  assert.ok(!existsSync(join(gate.folder, 'audit')), 'nothing was begun');
  assert.equal(await call(first.client, 'bad__read_echo', { text: 'x' }), 'you said: x');
});
