import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AuditRecord } from '../../src/audit/record.ts';
import { measure } from '../../src/attest/measure.ts';
import { loadConfig } from '../../src/config/load.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { KEYS, makeBundle, type BundleParts } from '../bundle/support.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createGate, realServer, type Gate } from '../support/gate.ts';
import { denialOf, listedIn, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const ALL = '@id("all") permit(principal, action, resource);';
const ECHO = 'everything__echo';
/** To who may not call it. */
const HIDDEN = `Unknown tool: ${ECHO}`;
const ASK = 'everything__trigger-elicitation-request';
const NOT_THOSE = `${ALL}
@id("not.echo") forbid(principal, action == Action::"tools/call:everything/echo", resource);
@id("not.ask") forbid(principal, action == Action::"tools/call:everything/trigger-elicitation-request", resource);`;

type Parts = Omit<BundleParts, 'meta'> & { readonly version: number; readonly name?: string };

type Setting = {
  readonly gate: Gate;
  readonly bundle: string;
  readonly sign: (parts: Parts) => Promise<void>;
};

/** A gate whose policies are those of a bundle, version 1 of which permits everything. */
async function bundleGate(context: TestContext, more: object = {}): Promise<Setting> {
  const folder = await scratch(context);
  const bundle = join(folder, 'bundle');
  const keys = ['ci', 'ops'].map((name) => {
    const path = join(folder, `${name}.pub`);
    writeFileSync(path, KEYS[name]?.pem ?? '');
    return path;
  });
  let made = 0;
  async function sign({ version, name = 'team', ...parts }: Parts): Promise<void> {
    const draft = join(folder, `draft-${++made}`);
    await mkdir(draft);
    await makeBundle(draft, {
      ...parts,
      meta: {
        name,
        version,
        notBefore: second(Date.now() - 3_600_000),
        expires: second(Date.now() + 86_400_000),
      },
    });
    rmSync(bundle, { recursive: true, force: true });
    await rename(draft, bundle);
  }
  await sign({ version: 1, files: { 'a.cedar': ALL } });
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    firstUse: true,
    config: { policy: { bundle, keys, threshold: 1 }, ...more },
  });
  return { gate, bundle, sign };
}

/** Whole seconds. */
function second(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

async function call(client: FramesClient, name: string): Promise<Frame> {
  return await client.request('tools/call', { name, arguments: { message: 'x' } });
}

function recordsOf(gate: Gate, event: string): AuditRecord[] {
  return gate.audit().filter((record) => record.event === event);
}

async function loaded(gate: Gate, version: number): Promise<void> {
  await until(
    () =>
      recordsOf(gate, 'policy-loaded').some(
        ({ bundle }) => isJsonObject(bundle) && bundle['version'] === version,
      ),
    30_000,
  );
}

async function refused(gate: Gate, why: RegExp, count = 1): Promise<void> {
  const fits = ({ message }: AuditRecord): boolean =>
    typeof message === 'string' && why.test(message);
  await until(() => recordsOf(gate, 'policy-refused').filter(fits).length >= count, 30_000);
}

test('a bundle that is exchanged under a running gateway', async (context) => {
  const { gate, bundle, sign } = await bundleGate(context);
  const client = startFrames(context, serve(gate));
  await client.open({ elicitation: {} });
  assert.equal(textOf(await call(client, ECHO)), 'Echo: x');

  await context.test('a call that was permitted ends, the next is decided anew', async () => {
    client.answer = () => 'never';
    const asking = call(client, ASK);
    const question = await client.next(({ method }) => method === 'elicitation/create');
    const from = client.received.length;
    await sign({ version: 2, files: { 'a.cedar': NOT_THOSE } });
    await loaded(gate, 2);
    await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
    assert.equal(textOf(await call(client, ECHO)), HIDDEN);
    assert.ok(!listedIn(await client.request('tools/list')).includes(ECHO));
    client.send({ jsonrpc: '2.0', id: question['id'], result: { action: 'decline' } });
    const answer = await asking;
    assert.equal(denialOf(answer), undefined);
    assert.match(textOf(answer), /declined/u);
  });

  await context.test('one that goes back is refused, and what is in force stays', async () => {
    await sign({ version: 1, files: { 'a.cedar': ALL } });
    await refused(gate, /version 1 is older than 2/u);
    assert.equal(textOf(await call(client, ECHO)), HIDDEN);
    await client.said(/version 1 is older than 2/u);
    const { code, stdout } = await gate.run('check');
    assert.equal(code, 1);
    assert.match(stdout, /error +policy +Cannot use the policy bundle: version 1 is older/u);
  });

  await context.test('so is one that is signed by nobody known, or does not load', async () => {
    await sign({ version: 3, files: { 'a.cedar': ALL }, signers: ['eve'] });
    await refused(gate, /0 of the 1 signatures/u);
    const deep = `${'('.repeat(5000)}true${')'.repeat(5000)}`;
    const poison = `permit(principal, action, resource) when { ${deep} };`;
    await sign({ version: 4, files: { 'a.cedar': poison } });
    await refused(gate, /a\.cedar:1: it nests brackets/u);
    assert.equal(textOf(await call(client, ECHO)), HIDDEN);
  });

  await context.test('a file that is changed where it lies is told, and not read', async () => {
    await sign({ version: 5, files: { 'a.cedar': NOT_THOSE } });
    await loaded(gate, 5);
    writeFileSync(join(bundle, 'a.cedar'), ALL);
    await refused(gate, /a\.cedar is not what was signed/u);
    assert.equal(textOf(await call(client, ECHO)), HIDDEN);
  });

  await context.test('a newer one after all of that is in force', async () => {
    await sign({ version: 6, files: { 'a.cedar': ALL } });
    await loaded(gate, 6);
    assert.equal(textOf(await call(client, ECHO)), 'Echo: x');
    assert.equal((await gate.run('check')).code, 0);
    assert.match((await gate.run('explain', '--as', 'alice', 'everything/echo')).stdout, /all/u);
  });
  assert.equal(await client.end(), 0);

  await context.test('and after a start nothing older is', async () => {
    await sign({ version: 5, files: { 'a.cedar': ALL } });
    const { code, stderr } = await gate.run('serve');
    assert.equal(code, 1);
    assert.match(stderr, /version 5 is older than 6/u);
    await refused(gate, /version 5 is older than 6/u);
  });
});

test('the lock file of a bundle is the one that counts, and cannot be added to', async (context) => {
  const { gate, sign } = await bundleGate(context);
  const first = startFrames(context, serve(gate));
  await first.open();
  assert.equal(textOf(await call(first, ECHO)), 'Echo: x');
  const lock = '{"version":1,"servers":{}}';
  await sign({ version: 2, files: { 'a.cedar': ALL, 'sallyport.lock.json': lock } });
  await loaded(gate, 2);
  // Trust on first use is configured, and the file on disk knows the tool.
  await until(async () => denialOf(await call(first, ECHO)) === 'quarantined', 30_000);
  await first.end();
  const again = startFrames(context, serve(gate));
  await again.open();
  assert.equal(denialOf(await call(again, ECHO)), 'quarantined');
  const accepted = await gate.run('pin', '--accept', 'everything/echo');
  assert.equal(accepted.code, 2);
  assert.match(accepted.stderr, /the lock file is that of the policy bundle/u);
  await again.end();
});

test('policies of a folder are read again on SIGHUP alone, and only when they load', async (context) => {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    firstUse: true,
    policy: ALL,
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  assert.equal(textOf(await call(client, ECHO)), 'Echo: x');
  const file = join(gate.folder, 'policy.cedar');

  writeFileSync(file, 'forbid(principal, action, resource) when { x };');
  process.kill(client.pid, 'SIGHUP');
  await refused(gate, /policy\.cedar/u);
  assert.equal(textOf(await call(client, ECHO)), 'Echo: x');

  writeFileSync(file, NOT_THOSE);
  assert.equal(textOf(await call(client, ECHO)), 'Echo: x');
  assert.equal(recordsOf(gate, 'policy-loaded').length, 1);
  process.kill(client.pid, 'SIGHUP');
  await until(() => recordsOf(gate, 'policy-loaded').length === 2, 30_000);
  assert.equal(textOf(await call(client, ECHO)), HIDDEN);
  assert.equal(await client.end(), 0);
});

test('its sandbox is what is measured', async (context) => {
  const { gate, sign } = await bundleGate(context);
  const measured = async (): Promise<unknown> => {
    const config = await loadConfig({ path: gate.config, env: process.env, cwd: gate.folder });
    const started = { node: process.execPath, version: process.version, options: [] };
    return (await measure({ config, env: {}, started })).configuration;
  };
  const before = await measured();
  await sign({ version: 2, files: { 'a.cedar': ALL, 'sandbox.json': '{}' } });
  assert.deepEqual(await measured(), before);
  await sign({ version: 3, files: { 'a.cedar': ALL, 'sandbox.json': '{"runtime":"other"}' } });
  assert.notDeepEqual(await measured(), before);
});

test('check looks for the sandbox of the bundle', async (context) => {
  const { gate, sign } = await bundleGate(context, { builtin: { code: {} } });
  const sandbox = JSON.stringify({ docker: { host: 'tcp://nowhere.invalid:1' } });
  await sign({ version: 2, files: { 'a.cedar': ALL, 'sandbox.json': sandbox } });
  const { stdout } = await gate.run('check');
  assert.match(stdout, /nowhere\.invalid/u);
});
