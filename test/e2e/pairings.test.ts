/**
 * Every official client, on stdio and HTTP, in front of servers of both eras, on stdio and HTTP: the same steps have the
 * same outcome. The servers: `@modelcontextprotocol/server-everything` and its like of the modern era, and an odd one in
 * both eras.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { DIALECTS, showsAll, type Place } from '../support/clients.ts';
import { everythingHttp } from '../support/everything-http.ts';
import { serve } from '../support/frames-client.ts';
import { createGate, realServer, type GateSetting } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { modernEverything } from '../support/modern.ts';
import { oddServer } from '../support/odd.ts';
import { stringOf } from '../support/string-of.ts';
import { pinAsHarmless } from '../support/two-sides.ts';
import { EVERYTHING_STEPS, ODD_STEPS, ofPlace, type Steps } from './pairing-steps.ts';

type Era = 'legacy' | 'modern';
type Upstream = { readonly era: Era; readonly transport: 'stdio' | 'http'; readonly steps: Steps };

/** By the name that the gate knows them under. */
const UPSTREAMS: Readonly<Record<string, Upstream>> = {
  oldstdio: { era: 'legacy', transport: 'stdio', steps: EVERYTHING_STEPS },
  oldhttp: { era: 'legacy', transport: 'http', steps: EVERYTHING_STEPS },
  newstdio: { era: 'modern', transport: 'stdio', steps: EVERYTHING_STEPS },
  newhttp: { era: 'modern', transport: 'http', steps: EVERYTHING_STEPS },
  oldodd: { era: 'legacy', transport: 'stdio', steps: ODD_STEPS },
  newodd: { era: 'modern', transport: 'stdio', steps: ODD_STEPS },
};

type Absent = {
  readonly step: string;
  /** Absent: of either. */
  readonly client?: Era;
  readonly upstream?: Era;
  readonly why: string;
  /** What comes of it when it is tried all the same; absent: there is nothing to try. */
  readonly instead?: RegExp;
};

/** What a pairing cannot have by the specification. */
const ABSENT: readonly Absent[] = [
  {
    step: 'answers a ping',
    client: 'modern',
    why: '2026-07-28 has no ping',
    instead: /ping|not supported|Method not found/i,
  },
  {
    step: 'tells a server that the roots changed',
    client: 'modern',
    why: 'roots of 2026-07-28 come with each answer: there is no notification of theirs',
  },
  {
    step: 'tells a server that the roots changed',
    upstream: 'modern',
    why: 'a modern server asks for the roots in each call: it is not told of changes',
  },
  {
    step: 'passes on what a server says after its answer',
    client: 'modern',
    why: 'log messages of 2026-07-28 belong to a request',
  },
  {
    step: 'passes on what a server says after its answer',
    upstream: 'modern',
    why: 'log messages of 2026-07-28 belong to a request',
  },
];

const CAPABILITIES = {
  roots: { listChanged: true },
  sampling: {},
  elicitation: { form: {}, url: {} },
};
const POLICY = `
  @id("all") permit (principal, action, resource);
  ${Object.keys(UPSTREAMS)
    .map(
      (server) =>
        `@id("hidden.${server}") forbid (principal, action == Action::"tools/call:${server}/${server.endsWith('odd') ? 'read_draft7' : 'get-env'}", resource);`,
    )
    .join('\n')}
`;

test('every pairing of eras and transports', async (context) => {
  await using remote = await everythingHttp();
  const servers: GateSetting['servers'] = {
    oldstdio: realServer('everything'),
    oldhttp: { url: remote.url.href },
    newstdio: await modernEverything(context, 'stdio'),
    newhttp: await modernEverything(context, 'http'),
    oldodd: oddServer({ ODD_TOOLS: '90' }),
    newodd: oddServer({ ODD_TOOLS: '90', ODD_ERA: 'modern' }),
  };
  const lock = await changedLock(context, servers);
  const http = await startHttpGate(context, { servers, policy: POLICY, lock });
  const token = await http.token();

  async function overStdio(inner: TestContext): Promise<Place> {
    const gate = await createGate(inner, {
      servers,
      policy: POLICY,
      pinned: false,
      config: { catalogue: { onNew: 'pin' } },
    });
    await writeFile(join(gate.folder, 'sallyport.lock.json'), lock);
    return serve(gate);
  }

  await context.test('clients', { concurrency: 2 }, async (clients) => {
    const places = {
      stdio: overStdio,
      HTTP: async () => await Promise.resolve({ url: http.url, token }),
    };
    await Promise.all(
      Object.entries(places).flatMap(([transport, placeOf]) =>
        Object.keys(DIALECTS).map((dialect) =>
          clients.test(`${dialect} over ${transport}`, async (inner) => {
            const place = await placeOf(inner);
            await playAll(inner, dialect, place, `${dialect}-${transport}`.replaceAll(/\W+/g, '-'));
          }),
        ),
      ),
    );
  });
});

async function playAll(
  context: TestContext,
  dialect: string,
  place: Place,
  unique: string,
): Promise<void> {
  const asked: JsonObject[] = [];
  let roots = ['file:///work'];
  const client = await DIALECTS[dialect]?.(context, {
    place,
    elicit(question) {
      asked.push({ ...question, mode: question.mode ?? 'form' });
      return question.mode === 'url'
        ? { action: 'accept' }
        : { action: 'accept', content: { name: 'Ann', check: true } };
    },
    sample(params) {
      asked.push({ sample: JSON.stringify(params) });
      return 'the model says hello';
    },
    roots: () => roots,
  });
  assert.ok(client);
  await showsAll(client, Object.keys(UPSTREAMS));
  for (const [server, upstream] of Object.entries(UPSTREAMS))
    await context.test(
      `${upstream.era} server over ${upstream.transport}, ${server}`,
      async (inner) => {
        const side = ofPlace({
          server,
          client,
          asked,
          unique,
          setRoots: (next) => (roots = next),
        });
        for (const [name, { run, want }] of Object.entries(upstream.steps)) {
          const absent = absentOf(name, client.era, upstream.era);
          if (absent && !absent.instead) continue;
          await inner.test(absent ? `${name}: not, because ${absent.why}` : name, async () => {
            if (absent?.instead) await assert.rejects(run(side), absent.instead);
            else assert.deepEqual(side.plain(await run(side)), want);
          });
        }
      },
    );
}

function absentOf(step: string, client: Era, upstream: Era): Absent | undefined {
  return ABSENT.find(
    (line) =>
      line.step === step &&
      (line.client ?? client) === client &&
      (line.upstream ?? upstream) === upstream,
  );
}

test('what some pairings cannot have are steps that others have', () => {
  const steps = { ...EVERYTHING_STEPS, ...ODD_STEPS };
  const eras = ['legacy', 'modern'] as const;
  for (const { step } of ABSENT) {
    assert.ok(steps[step], step);
    const played = eras.flatMap((client) =>
      eras.filter((upstream) => !absentOf(step, client, upstream)),
    );
    assert.ok(played.length > 0, step);
  }
});

/** Everything accepted as harmless, but one tool of each server with another definition than it has. */
async function changedLock(context: TestContext, servers: GateSetting['servers']): Promise<string> {
  const gate = await createGate(context, {
    servers,
    pinned: false,
    config: { catalogue: { onNew: 'pin' } },
  });
  await pinAsHarmless(context, gate, Object.keys(servers), CAPABILITIES);
  const file = join(gate.folder, 'sallyport.lock.json');
  const lock: unknown = JSON.parse(await readFile(file, 'utf8'), (key, value: unknown) =>
    (key === 'get-annotated-message' || key === 'read_error_data') && isJsonObject(value)
      ? { ...value, hash: stringOf(value['hash']).replaceAll(/[0-9a-f](?=[0-9a-f]{60})/g, '0') }
      : value,
  );
  return JSON.stringify(lock);
}
