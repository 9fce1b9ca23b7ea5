import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { serve, startFrames, type FramesClient } from '../support/frames-client.ts';
import { BIN, createHostileGate, type HostileGate } from '../support/gate.ts';
import { denialOf, listedIn } from '../support/replies.ts';
import { stringOf } from '../support/string-of.ts';
import { until } from '../support/until.ts';

const PAGE = readFileSync(join(packageRoot(), 'docs', 'runbooks.md'), 'utf8');
const echo = { name: 'bad__read_echo', arguments: { text: 'x' } };
const code = { name: 'code__execute_javascript', arguments: { code: 'console.log(1)' } };

type World = {
  readonly gate: HostileGate;
  readonly client: FramesClient;
  /** Runs the next block of the section, line by line. */
  readonly step: (env: Readonly<Record<string, string>>) => Promise<string>;
};

/** The blocks of a section, in order. */
function blocksOf(section: string): string[] {
  const text = PAGE.split(/^## /mu).find((part) => part.startsWith(`${section}\n`)) ?? '';
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gmu)].map(([, block = '']) => block);
}

/** What these say of this machine, or of definitions nobody has accepted, is no failure of the runbook. */
const MAY_SAY_NO = /^sallyport (?:check|pin)\b/u;

async function world(
  context: TestContext,
  section: string,
  config: Record<string, unknown> = {},
): Promise<World & AsyncDisposable> {
  const vault = { SALLYPORT_VAULT_KEY: randomBytes(32).toString('base64') };
  const gate = await createHostileGate(context, {
    policy: '@id("all") permit(principal, action, resource);',
    config: {
      builtin: { code: { tier: 'wasm' } },
      sandbox: { docker: { host: 'unix:///nonexistent/docker.sock' } },
      ...config,
    },
    servers: { lent: { url: 'http://127.0.0.1:9/mcp', auth: { login: {} } } },
  });
  const bin = join(gate.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'sallyport'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(join(bin, 'sallyport'), 0o755);
  const client = startFrames(context, serve(gate));
  await client.open();
  await until(async () => listedIn(await client.request('tools/list')).includes(echo.name));
  const blocks = blocksOf(section);
  let next = 0;
  return {
    gate,
    client,
    async step(variables) {
      const block = blocks[next++];
      assert.ok(block !== undefined, `${section} has no block ${next}`);
      let said = '';
      for (const line of block.trim().split('\n')) {
        const env = {
          ...process.env,
          ...vault,
          ...variables,
          PATH: `${bin}:${process.env['PATH']}`,
        };
        const run = promisify(execFile)('bash', ['-euc', line], { cwd: gate.folder, env });
        const done = await run.catch((thrown: unknown) => {
          if (MAY_SAY_NO.test(line)) return { stdout: '' };
          throw new Error(`${line}: ${String(Reflect.get(Object(thrown), 'stderr'))}`, {
            cause: thrown,
          });
        });
        said += done.stdout;
      }
      return said;
    },
    async [Symbol.asyncDispose]() {
      assert.equal(next, blocks.length, `not all of ${section} was run`);
      await client.end();
    },
  };
}

const call = async ({ client }: World, params: JsonObject): Promise<string | undefined> =>
  denialOf(await client.request('tools/call', params));
const lastTrace = (gate: HostileGate, event: string): string =>
  stringOf(gate.audit().findLast((record) => record.event === event)?.traceId);

const SECTIONS: Readonly<Record<string, (context: TestContext) => Promise<void>>> = {
  async 'Injection alert'(context) {
    await using here = await world(context, 'Injection alert', { plans: {} });
    const SINCE = new Date().toISOString();
    const steps = [{ id: 'a', tool: echo.name, arguments: echo.arguments }];
    const plan = { name: 'sallyport__plan_submit', arguments: { purpose: 'work', steps } };
    assert.equal(await call(here, plan), undefined);
    assert.equal(await call(here, { name: 'bad__read_poison' }), 'output-withheld');
    const env = { WHO: 'alice', SERVER: 'bad', SINCE, TRACE: lastTrace(here.gate, 'withheld') };
    await here.step(env);
    await until(async () => (await call(here, echo)) === 'quarantined');
    await here.step(env);
    assert.ok(existsSync(join(here.gate.folder, 'incident', 'state', 'audit-key.json')));
    const found = await here.step(env);
    assert.match(found, /band 3, quarantined/u);
    assert.match(found, /output-withheld/u);
    assert.match(await here.step(env), /"tools":\["bad\/read_echo"\]/u);
    assert.match(
      await here.step(env),
      /bad\/read_poison\n {2}calls +sent 1, answered 0, withheld 1/u,
    );
    await here.step(env);
    assert.match(await here.step(env), /band 0, calm/u);
    await until(async () => (await call(here, echo)) === undefined);
  },
  async 'Suspected policy bypass'(context) {
    await using here = await world(context, 'Suspected policy bypass');
    const { folder } = here.gate;
    assert.equal(await call(here, echo), undefined);
    mkdirSync(join(folder, 'bundle'));
    writeFileSync(join(folder, 'bundle', 'a.cedar'), readFileSync(join(folder, 'policy.cedar')));
    const sallyport = async (...args: string[]): Promise<unknown> =>
      await promisify(execFile)(process.execPath, [BIN, ...args], { cwd: folder });
    await sallyport('policy', 'keygen', 'ci');
    await sallyport(
      'policy', 'sign', 'bundle', '--key', 'ci.key',
      '--name', 'team', '--version', '7', '--expires', '30d',
    ); // prettier-ignore
    const env = {
      CLASS: 'read',
      WHO: 'alice',
      TOOL: 'bad/read_echo',
      TRACE: lastTrace(here.gate, 'outcome'),
      BUNDLE: 'bundle',
      KEY: 'ci.pub',
    };
    await here.step(env);
    await until(async () => (await call(here, echo)) === 'killed');
    assert.match(await here.step(env), /verified\n[\s\S]*policy-loaded/u);
    assert.match(await here.step(env), /team/u);
    assert.match(await here.step(env), /bad\/read_echo\n {2}calls +sent 1, answered 1/u);
    await here.step(env);
    await until(async () => (await call(here, echo)) === undefined);
  },
  async 'Suspected sandbox escape'(context) {
    await using here = await world(context, 'Suspected sandbox escape');
    assert.equal(await call(here, code), undefined);
    const running = here.client.request('tools/call', {
      ...code,
      arguments: { code: 'for (;;);' },
    });
    const env = { TOOL: 'code/execute_javascript', PID: String(here.client.pid) };
    await here.step(env);
    const refused = denialOf(await running);
    assert.ok(refused === 'killed' || refused === 'approval-required', refused);
    assert.match(await here.step(env), new RegExp(`"pid":${env.PID}\\b`, 'u'));
    assert.match(await here.step(env), /code\/execute_javascript/u);
    await here.step(env);
    assert.match((await here.gate.run('kills')).stdout, /nothing is switched off/u);
  },
  async 'Lost laptop'(context) {
    await using here = await world(context, 'Lost laptop');
    const env = { WHO: 'alice', SINCE: new Date(0).toISOString() };
    assert.equal(await call(here, echo), undefined);
    assert.match(await here.step(env), /who +alice \(local\)/u);
    await until(async () => (await call(here, echo)) === 'killed');
    assert.match(await here.step(env), /no longer untrusted/u);
    await until(async () => (await call(here, echo)) === undefined);
  },
  async 'Leaked upstream credential'(context) {
    await using here = await world(context, 'Leaked upstream credential');
    const env = { SERVER: 'lent', SINCE: new Date(0).toISOString() };
    assert.match(await here.step(env), /"verified":true/u);
    assert.match((await here.gate.run('kills')).stdout, /server lent/u);
    assert.match(await here.step(env), /Forgotten: lent/u);
    assert.match((await here.gate.run('kills')).stdout, /nothing is switched off/u);
  },
};

for (const section of PAGE.matchAll(/^## (.*)$/gmu)) {
  const [, name = ''] = section;
  test(`the runbook “${name}” does what it says`, async (context) => {
    const run = SECTIONS[name];
    assert.ok(run !== undefined, 'nobody runs it');
    await run(context);
  });
}
