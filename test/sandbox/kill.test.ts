import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { isJsonObject } from '../../src/lib/json.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { serve, startFrames, type FramesClient } from '../support/frames-client.ts';
import { createGate } from '../support/gate.ts';
import fc from '../support/property.ts';
import { until } from '../support/until.ts';
import { noDocker } from './support.ts';

const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  ),
);
const isStrict = process.env['SALLYPORT_TEST_STRICT'] === '1';
const MOMENTS_MS = fc.sample(fc.integer({ min: 0, max: 2500 }), isStrict ? 50 : 3);
const AT_ONCE = 12;
/** More than the life of a container with the time limit below: its start, the limit, the grace. */
const LIFE_MS = 60_000;
/** So much longer lives one that waits for its program. */
const IDLE_MS = 20_000;

/** Programs that end, and one in four that does not. */
const PROGRAMS = [
  ['python', 'print(6 * 7)', '42\n'],
  ['bash', 'echo $((6 * 7))', '42\n'],
  ['python', 'import time; time.sleep(300)', ''],
  ['javascript', 'console.log(6 * 7)', '42\n'],
] as const;

/** Resolves to the sandbox that served. */
async function call(client: FramesClient, number: number): Promise<unknown> {
  const [language, code, stdout] = PROGRAMS[number % PROGRAMS.length] ?? PROGRAMS[0];
  const params = { name: `code__execute_${language}`, arguments: { code, timeoutMs: 5000 } };
  const answer = await client.request('tools/call', params);
  const { result } = answer;
  const found = isJsonObject(result) ? result['structuredContent'] : undefined;
  assert.ok(isJsonObject(found), JSON.stringify(answer));
  // A busy machine may not get to it in its time.
  assert.ok(found['stdout'] === stdout || found['timedOut'] === true, JSON.stringify(found));
  return found['sandboxId'];
}

const EXPECTED = /the server has gone|a person has to approve it/u;

/** Calls at once, because a person is asked about each that follows what came from outside. One is answered by now. */
async function loaded(client: FramesClient): Promise<{ readonly rest: Promise<unknown> }> {
  const calls = Array.from({ length: AT_ONCE }, async (_, number) => await call(client, number));
  const rest = Promise.all(
    calls.map(async (each) => {
      await each.catch((error: unknown) => {
        if (!EXPECTED.test(String(error))) throw error;
      });
    }),
  );
  await Promise.race([Promise.any(calls), rest]);
  return { rest };
}

test(
  `a gateway that is killed under load, ${MOMENTS_MS.length} times, leaves nothing that lasts`,
  { skip: noDocker, timeout: 1_200_000 },
  async (t) => {
    const docker = new Docker(dockerHost(process.env).options);
    const code = { egress: ['api.example.com'], timeoutMs: 10_000 };
    const gate = await createGate(t, {
      servers: {},
      pinned: false,
      config: {
        builtin: { code },
        sandbox: { tiers: { gvisor: ['docker'] }, pool: { idleMs: IDLE_MS } },
      },
    });
    const ways = join(gate.folder, 'state', 'egress');
    const seen = new Set<string>();
    let people = 0;
    const start = async (): Promise<FramesClient> => {
      // Each a person's first: who has read from outside is asked before code runs, by every gateway of the state.
      await gate.signIn({ user: `person-${++people}` });
      const client = startFrames(t, { ...serve(gate), env });
      await client.open();
      return client;
    };
    const of = async ({ pid }: FramesClient, all = true): Promise<string[]> => {
      const filters = { label: [`dev.sallyport.pid=${pid}`] };
      const found = await docker.listContainers({ all, filters });
      for (const { Id } of found) seen.add(Id);
      return found.map(({ Id }) => Id);
    };
    const clean = async (killed: FramesClient | undefined, client: FramesClient): Promise<void> => {
      if (killed) await until(async () => (await of(killed)).length === 0, LIFE_MS);
      // Those of the one that runs.
      await until(() => readdirSync(ways).length === 1);
      assert.doesNotMatch(client.stderr(), /"level":"(error|fatal)"/u);
    };

    let killed: FramesClient | undefined;
    for (const [round, moment] of MOMENTS_MS.entries()) {
      const client = await start();
      const waits = round % 3 === 0;
      let calls: Promise<unknown> = Promise.resolve();
      if (waits) {
        const used = await call(client, 0);
        await until(async () => (await of(client, false)).some((id) => id !== used), LIFE_MS);
      } else ({ rest: calls } = await loaded(client));
      await clean(killed, client);
      await sleep(moment);
      await of(client);
      await client.kill();
      await calls;
      const verified = await gate.run('audit', 'verify');
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
      // Cells that wait end with their input. Programs end at the limit of their cell, where nobody comes before: one
      // that had waited was made to live longer.
      if (waits || (isStrict && round === MOMENTS_MS.length - 1))
        await until(async () => (await of(client, false)).length === 0, 3 * LIFE_MS);
      killed = client;
    }
    const last = await start();
    await call(last, 0);
    await clean(killed, last);
    assert.equal(await last.end(), 0);
    assert.deepEqual(await of(last), []);
    assert.deepEqual(readdirSync(ways), []);
    // Whether somebody was asked depends on how soon the first call of a round was answered.
    for (const name of readdirSync(join(ways, '..')))
      assert.match(
        name,
        /^(?:approvals|audit-head-\w+\.json|audit-key\.json|egress|kills|labels|passed|server-labels)$/u,
      );
    assert.ok(seen.size > 2 * MOMENTS_MS.length, `only ${seen.size} containers were seen`);
    // Sandboxes, gofers and shims have the container on their command line.
    const ids = [...seen];
    await until(() => !commandLines().some((line) => ids.some((id) => line.includes(id))));
  },
);

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
}
