/** Concept 1 of the seed: a narrow action space over SQL, and what any SQL would have done. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openMetrics, openReadOnly } from '../../servers/metrics/database.ts';
import { writeSample } from '../../servers/metrics/sample.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { SHIPPED } from '../../src/policy/policies.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { createGate } from '../support/gate.ts';
import { denialOf, listedIn, textOf } from '../support/replies.ts';
import { connectDirectly, ownServer, sampleDatabase } from '../support/own-servers.ts';

const MONTHLY = 'get_user_monthly_metrics';

test('the sample is the same bytes each time, and never overwrites', async (context) => {
  const [one, two] = [await sampleDatabase(context), await sampleDatabase(context)];
  assert.ok(readFileSync(one).equals(readFileSync(two)));
  assert.throws(() => writeSample(one), /exists/u);
});

test('four questions have structured answers', async (context) => {
  const client = await connectDirectly(
    context,
    ownServer('metrics', await sampleDatabase(context)),
  );
  const ask = async (name: string, args: Record<string, unknown>): Promise<unknown> =>
    (await client.callTool({ name, arguments: args })).structuredContent;
  // The SDK's client checks each against the schema of the list.
  await client.listTools();
  assert.deepEqual(await ask(MONTHLY, { user_id: 'u0007', month: '2026-03' }), {
    user_id: 'u0007',
    month: '2026-03',
    metrics: [
      { name: 'active_minutes', value: 521 },
      { name: 'error_rate', value: 0.005 },
      { name: 'sessions', value: 16 },
      { name: 'tasks_done', value: 87 },
    ],
  });
  const span = { user_id: 'u0010', metric: 'sessions', from: '2026-05', to: '2026-07' };
  assert.deepEqual(await ask('get_user_metric_history', span), {
    user_id: 'u0010',
    metric: 'sessions',
    values: [
      { month: '2026-05', value: 3 },
      { month: '2026-06', value: 6 },
      { month: '2026-07', value: 0 },
    ],
  });
  assert.deepEqual(await ask('get_active_users', { month: '2026-12', limit: 2 }), {
    month: '2026-12',
    users: [
      { user_id: 'u0018', sessions: 40 },
      { user_id: 'u0012', sessions: 38 },
    ],
  });
  const bill = { status: 'overdue', amount_cents: 2900 };
  assert.deepEqual(await ask('get_billing_status', { user_id: 'u0007', month: '2026-12' }), {
    user_id: 'u0007',
    month: '2026-12',
    bill,
  });
});

const INJECTIONS = [
  '1; DROP TABLE users',
  "u0007' OR '1'='1",
  "u0007'; DELETE FROM users; --",
  'u0007" UNION SELECT sql FROM sqlite_schema --',
  'u0007\n',
  '%',
];

test('SQL in an argument is refused before the database, and is a value in the database', async (context) => {
  const path = await sampleDatabase(context);
  const before = readFileSync(path);
  const client = await connectDirectly(context, ownServer('metrics', path));
  const database = openMetrics(path);
  context.after(() => database.close());
  for (const text of INJECTIONS) {
    for (const [name, args] of [
      [MONTHLY, { user_id: text, month: '2026-03' }],
      [MONTHLY, { user_id: 'u0007', month: text }],
      [
        'get_user_metric_history',
        { user_id: 'u0007', metric: text, from: '2026-01', to: '2026-02' },
      ],
      ['get_active_users', { month: '2026-03', limit: text }],
    ] as const) {
      const { isError, content } = await client.callTool({ name, arguments: args });
      assert.equal(isError, true, JSON.stringify(args));
      assert.match(JSON.stringify(content), /validation/u);
    }
    // Behind the schemas: as if they had been left out.
    assert.deepEqual(database.monthly(text, '2026-03'), []);
    assert.deepEqual(database.monthly('u0007', text), []);
    assert.deepEqual(database.active(text, 100), []);
    assert.equal(database.bill(text, text), undefined);
  }
  // The library cuts texts at a NUL: this would have been u0007.
  assert.throws(() => database.monthly("u0007\0' OR 1=1", '2026-03'), /NUL/u);
  for (const [name, args] of [
    [MONTHLY, { user_id: "u0007\0' OR 1=1", month: '2026-03' }],
    [MONTHLY, { user_id: 'u0007', month: '2026-13' }],
    [MONTHLY, { user_id: 'u0007', month: '2026-03', query: 'SELECT 1' }],
    ['get_active_users', { month: '2026-03', limit: 101 }],
    ['get_active_users', { month: '2026-03', limit: -1 }],
    ['get_active_users', { month: '2026-03', limit: 1.5 }],
  ] as const)
    assert.equal(
      (await client.callTool({ name, arguments: args })).isError,
      true,
      JSON.stringify(args),
    );
  assert.ok(readFileSync(path).equals(before));
});

test('the connection of the server cannot write, whatever SQL is executed on it', async (context) => {
  const path = await sampleDatabase(context);
  const folder = dirname(path);
  const other = join(folder, 'other.db');
  writeSample(other);
  const before = readFileSync(path);
  const connection = openReadOnly(path);
  context.after(() => connection.close());
  // A connection that can write does so: what is tried below is not refused for another reason.
  assert.equal(connection.get('SELECT count(*) AS n FROM users')?.['n'], 40);
  connection.exec(`ATTACH '${other}' AS other`);
  for (const sql of [
    "INSERT INTO users VALUES ('u9999', 'x', 'free')",
    "UPDATE billing SET status = 'paid'",
    'DELETE FROM user_metrics',
    'DROP TABLE users',
    'CREATE TABLE t (a)',
    'CREATE TEMP TABLE t (a)',
    'ALTER TABLE users RENAME TO people',
    'VACUUM',
    `VACUUM INTO '${join(folder, 'copy.db')}'`,
    'PRAGMA user_version = 7',
    'DELETE FROM other.users',
    `ATTACH '${join(folder, 'new.db')}' AS fresh`,
    `ATTACH 'file:${other}?mode=rw' AS again`,
    "SELECT load_extension('x')",
    // Even with the second lock open.
    'PRAGMA query_only = OFF; DELETE FROM user_metrics',
    'DELETE FROM other.users',
    'PRAGMA writable_schema = ON; DELETE FROM sqlite_schema',
  ])
    assert.throws(() => connection.exec(sql), /readonly|unable to open|no such function/u, sql);
  assert.ok(readFileSync(path).equals(before));
  assert.ok(readFileSync(other).equals(before));
  for (const name of readdirSync(folder))
    if (name === 'copy.db') assert.equal(readFileSync(join(folder, name)).length, 0);
    else assert.ok(['metrics.db', 'other.db'].includes(name), name);
});

const DROP = { name: 'execute_sql', arguments: { query: 'DROP TABLE user_metrics' } };

test('any SQL drops the table when nobody stands in front of it', async (context) => {
  const path = await sampleDatabase(context);
  const direct = await connectDirectly(context, ownServer('hostile', path));
  assert.notEqual((await direct.callTool(DROP)).isError, true);
  const gone = await direct.callTool({
    ...DROP,
    arguments: { query: 'SELECT * FROM user_metrics' },
  });
  assert.match(JSON.stringify(gone.content), /no such table/u);
});

const ACTION_SPACE = readFileSync(join(SHIPPED.examples, 'action-space.cedar'), 'utf8');
const ALL = '@id("all") permit (principal, action, resource);';

for (const [name, policy, want] of [
  // The owner permits everything: it is the guardrail that refuses.
  ['the guardrails', ALL, /^policy-denied: .*guard\.isolate-code/u],
  ['action-space.cedar', `${ACTION_SPACE}${ALL}`, /^tool-unknown: Unknown tool: hostile__execute/u],
] as const)
  test(`any SQL is refused by ${name}, and the four questions are answered`, async (context) => {
    const path = await sampleDatabase(context);
    const before = readFileSync(path);
    const gate = await createGate(context, {
      servers: { hostile: ownServer('hostile', path), metrics: ownServer('metrics', path) },
      user: { user: 'ann', groups: ['analysts'] },
      policy,
    });
    const lock = readFileSync(join(gate.folder, 'sallyport.lock.json'), 'utf8');
    assert.match(lock, /"execute_sql":[^}]+"classes": ?\[\s*"code_execution"\s*\]/u);
    const client = startFrames(context, serve(gate));
    await client.open();
    const listed = listedIn(await client.request('tools/list'));
    assert.equal(
      listed.filter((tool) => tool.startsWith('metrics__')).length,
      policy === ALL ? 4 : 3,
    );
    const dropped = await client.request('tools/call', { ...DROP, name: 'hostile__execute_sql' });
    assert.match(`${denialOf(dropped) ?? 'tool-unknown'}: ${textOf(dropped)}`, want);

    const month = { user_id: 'u0007', month: '2026-03' };
    const answered = await client.request('tools/call', {
      name: `metrics__${MONTHLY}`,
      arguments: month,
    });
    const { result } = answered;
    assert.ok(isJsonObject(result) && isJsonObject(result['structuredContent']));
    const wrong = await client.request('tools/call', {
      name: `metrics__${MONTHLY}`,
      arguments: { ...month, user_id: '1; DROP TABLE users' },
    });
    assert.equal(denialOf(wrong), 'arguments-invalid');
    assert.ok(readFileSync(path).equals(before));
  });
