import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { everythingHttp } from '../support/everything-http.ts';
import { realServer } from '../support/gate.ts';
import type { Context } from '../support/scratch.ts';
import { openHttpSession, residentBytes } from './http-load.ts';
import { messages, time, type Row } from './measure.ts';
import { startSallyport } from './peers.ts';

const SESSIONS = 1000;
/** Each has a limit of 64 sessions; a company has people. */
const PEOPLE = 20;
const SESSIONS_AT_ONCE = 20;
const CALLS = 100_000;
const WARM_UP = 20_000;
const SAMPLE_EVERY = 2000;
/** Connections that stay, and the calls on each at the same time. */
const CONNECTIONS = 8;
const CALLS_EACH = 4;
const SETTLE_MS = 3000;
/** V8 gives back what it has no use for when nothing was done for about this long. */
const QUIET_MS = 60_000;
const LIMIT = 150e6;
/** Of growth that is none: code that was compiled meanwhile. */
const NOTHING = 1e6;

type Probed = Awaited<ReturnType<typeof startSallyport>>;

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const pause = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms));

/** Memory of the gateway after many sessions, and over many calls. */
export async function memoryRows(context: Context): Promise<Row[]> {
  const { rows, later } = await overSessions(context);
  // What the sessions leave behind is looked at when their gateway has had nothing to do for a while.
  const ofCalls = await overCalls(context);
  return [...rows, ...(await later()), ...ofCalls];
}

type Sessions = { readonly rows: Row[]; readonly later: () => Promise<Row[]> };

/** Opens sessions, makes a call in each, and ends them: each once it was used, and then all when all are open. */
async function overSessions(context: Context): Promise<Sessions> {
  // One process for all: what a server costs for each session is not the gateway's.
  const remote = await everythingHttp();
  context.after(async () => await remote[Symbol.asyncDispose]());
  const gate = await startSallyport(context, { everything: { url: remote.url.href } }, true);
  const open = await opener(gate);
  const before = await residentBytes(gate.pid);

  let most = 0;
  const live: number[] = [];
  const took = await time(async () => {
    for (let at = 0; at < SESSIONS; at += SESSIONS_AT_ONCE) {
      if (at === SESSIONS / 2) live.push(await liveBytes(gate));
      await atOnce(async (one) => await (await open(at + one)).end());
      most = Math.max(most, await residentBytes(gate.pid));
    }
  });
  await pause(SETTLE_MS);
  const after = await residentBytes(gate.pid);
  live.push(await liveBytes(gate));
  const [half = Number.NaN, none = Number.NaN] = live;

  const all: Opened[] = [];
  for (let at = 0; at < SESSIONS; at += SESSIONS_AT_ONCE)
    all.push(...(await atOnce(async (one) => await open(at + one))));
  await pause(SETTLE_MS);
  const full = await residentBytes(gate.pid);
  const liveOpen = await liveBytes(gate);
  for (let at = 0; at < SESSIONS; at += SESSIONS_AT_ONCE)
    await atOnce(async (one) => await all[at + one]?.end());
  const endedAt = performance.now();

  return {
    rows: [
      {
        what: `memory after ${SESSIONS} HTTP sessions, opened, used and ended, ${SESSIONS_AT_ONCE} at once in ${(took / 1000).toFixed(0)} s (VmRSS; ${mb(before)} before, ${mb(most)} at most)`,
        value: mb(after),
        target: '≤ 150 MB',
        met: after <= LIMIT,
      },
      flat(`heap that the second ${SESSIONS / 2} of them left behind`, none - half),
      { what: `memory with ${all.length} sessions open at once (VmRSS)`, value: mb(full) },
      {
        what: 'heap that one of them holds',
        value: `${((liveOpen - none) / all.length / 1000).toFixed(0)} KB`,
      },
    ],
    async later() {
      await pause(endedAt + QUIET_MS - performance.now());
      const quiet = await residentBytes(gate.pid);
      return [
        {
          what: 'memory when they have ended and nothing was done for a minute (VmRSS)',
          value: mb(quiet),
          target: '≤ 150 MB',
          met: quiet <= LIMIT,
        },
        flat(`heap that these ${all.length} left behind`, (await liveBytes(gate)) - none),
      ];
    },
  };
}

/** A client of the official SDK: it shakes hands, listens on a stream of its own, and ends its session when it goes. */
type Opened = { end(): Promise<void> };

/** Opens a session of the next person and makes a call in it. */
async function opener(gate: Probed): Promise<(at: number) => Promise<Opened>> {
  const next = messages();
  const tokens = await Promise.all(
    Array.from({ length: PEOPLE }, async (_, at) => await gate.token({ sub: `person-${at}` })),
  );
  return async (at) => {
    const headers = { authorization: `Bearer ${tokens[at % PEOPLE]}` };
    const transport = new StreamableHTTPClientTransport(new URL(gate.url), {
      requestInit: { headers },
    });
    const client = new Client({ name: 'bench', version: '1' });
    await client.connect(transport);
    const message = next();
    const { content } = await client.callTool({ name: gate.echo, arguments: { message } });
    if (!JSON.stringify(content).includes(message)) throw new Error('not echoed');
    return {
      async end() {
        await transport.terminateSession();
        await client.close();
      },
    };
  };
}

async function atOnce<T>(work: (one: number) => Promise<T>): Promise<T[]> {
  return await Promise.all(Array.from({ length: SESSIONS_AT_ONCE }, (_, one) => work(one)));
}

/** What is left after a collection; the first leaves what has to be finalised. */
async function liveBytes(gate: Pick<Probed, 'heap'>): Promise<number> {
  await gate.heap(true);
  return (await gate.heap(true)).used;
}

/** Memory from call to call, after the first have warmed everything up. */
async function overCalls(context: Context): Promise<Row[]> {
  const gate = await startSallyport(context, { everything: realServer('everything') }, true);
  const sessions = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => await openHttpSession(gate)),
  );
  const next = messages();
  const samples: Sample[] = [];
  let liveBefore = Number.NaN;
  const calls = SAMPLE_EVERY / CONNECTIONS / CALLS_EACH;
  const took = await time(async () => {
    for (let done = SAMPLE_EVERY; done <= CALLS; done += SAMPLE_EVERY) {
      await Promise.all(
        sessions.flatMap((session) =>
          Array.from({ length: CALLS_EACH }, async () => {
            for (let n = 0; n < calls; n++) await session.echo(next());
          }),
        ),
      );
      if (done === WARM_UP) liveBefore = await liveBytes(gate);
      if (done >= WARM_UP)
        samples.push({
          calls: done,
          resident: await residentBytes(gate.pid),
          heap: (await gate.heap(false)).used,
        });
    }
  });
  const liveAfter = await liveBytes(gate);
  for (const session of sessions) await session.close();
  const resident = samples.map((sample) => sample.resident);
  const most = Math.max(...resident);
  const slope = slopeOf(samples, 'resident') * 10_000;
  return [
    {
      what: `memory over ${CALLS} calls, ${CONNECTIONS * CALLS_EACH} at once on ${CONNECTIONS} sessions at ${(CALLS / (took / 1000)).toFixed(0)} a second, at most (VmRSS)`,
      value: mb(most),
      target: '≤ 150 MB',
      met: most <= LIMIT,
    },
    {
      what: `its growth per 10,000 calls after the first ${WARM_UP} (from ${mb(resident[0] ?? Number.NaN)} to ${mb(resident.at(-1) ?? Number.NaN)}, ${samples.length} samples)`,
      value: mb(slope),
      target: '≤ 1 MB',
      met: slope <= 1e6,
    },
    {
      what: 'growth of the heap, garbage included, per 10,000 calls',
      value: mb(slopeOf(samples, 'heap') * 10_000),
    },
    flat(`heap that ${CALLS - WARM_UP} calls left behind`, liveAfter - liveBefore),
  ];
}

/** After a collection. */
function flat(what: string, grown: number): Row {
  return { what, value: mb(grown), target: '≤ 1 MB', met: grown <= NOTHING };
}

type Sample = { readonly calls: number; readonly resident: number; readonly heap: number };

/** Bytes per call, least squares. */
function slopeOf(samples: readonly Sample[], of: 'resident' | 'heap'): number {
  const x = mean(samples.map(({ calls }) => calls));
  const y = mean(samples.map((sample) => sample[of]));
  const up = samples.reduce((sum, sample) => sum + (sample.calls - x) * (sample[of] - y), 0);
  const down = samples.reduce((sum, { calls }) => sum + (calls - x) ** 2, 0);
  return up / down;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
