import { everythingHttp } from '../support/everything-http.ts';
import { realServer } from '../support/gate.ts';
import type { Context } from '../support/scratch.ts';
import { openHttpSession, residentBytes, type HttpSession } from './http-load.ts';
import { messages, type Row } from './measure.ts';
import { startSallyport } from './peers.ts';

const SESSIONS = 1000;
/** Each has a limit of 64 sessions; a company has people. */
const PEOPLE = 20;
const OPENED_AT_ONCE = 10;
const CALLS = 100_000;
const WARM_UP = 20_000;
const SAMPLE_EVERY = 5000;
const CALLS_AT_ONCE = 8;
/** A slow machine measures fewer sessions and calls, and says how many. */
const PATIENCE_MS = 90_000;
const SETTLE_MS = 3000;

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Memory of the gateway after many sessions, and over many calls. */
export async function memoryRows(context: Context): Promise<Row[]> {
  // One process for all: what a server costs for each session is not the gateway's.
  const remote = await everythingHttp();
  context.after(async () => await remote[Symbol.asyncDispose]());
  const servers = { everything: { url: remote.url.href } };
  return [
    await afterSessions(context, servers, 1),
    await afterSessions(context, servers, PEOPLE),
    ...(await overCalls(context)),
  ];
}

/** Opens sessions, one call in each; as many stay open as the limit for a person lets. */
async function afterSessions(
  context: Context,
  servers: Record<string, object>,
  people: number,
): Promise<Row> {
  const gate = await startSallyport(context, servers);
  const next = messages();
  const open: HttpSession[] = [];
  const tokens = await Promise.all(
    Array.from({ length: people }, async (_, at) => await gate.token({ sub: `person-${at}` })),
  );
  const before = await residentBytes(gate.pid);
  const deadline = performance.now() + PATIENCE_MS;
  for (let at = 0; at < SESSIONS && performance.now() < deadline; at += OPENED_AT_ONCE)
    open.push(
      ...(await Promise.all(
        Array.from({ length: OPENED_AT_ONCE }, async (_, one) => {
          const authorization = `Bearer ${tokens[(at + one) % people]}`;
          const session = await openHttpSession({ ...gate, headers: { authorization } });
          await session.echo(next());
          return session;
        }),
      )),
    );
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const after = await residentBytes(gate.pid);
  for (const session of open) session.leave();
  return {
    what: `memory after ${open.length} HTTP sessions of ${people === 1 ? 'one person, 64 of them open' : `${people} people, all open`} (VmRSS; ${mb(before)} before)`,
    value: mb(after),
    target: '≤ 150 MB',
    met: open.length === SESSIONS && after <= 150e6,
  };
}

/** Memory from call to call, after the first have warmed everything up. */
async function overCalls(context: Context): Promise<Row[]> {
  const gate = await startSallyport(context, { everything: realServer('everything') });
  const session = await openHttpSession(gate);
  const next = messages();
  const deadline = performance.now() + PATIENCE_MS;
  const samples: { readonly calls: number; readonly bytes: number }[] = [];
  let calls = 0;
  while (calls < CALLS && performance.now() < deadline) {
    await Promise.all(
      Array.from({ length: CALLS_AT_ONCE }, async () => {
        for (let n = 0; n < SAMPLE_EVERY / CALLS_AT_ONCE; n++) await session.echo(next());
      }),
    );
    calls += SAMPLE_EVERY;
    if (calls >= WARM_UP) samples.push({ calls, bytes: await residentBytes(gate.pid) });
  }
  await session.close();
  const slope = slopeOf(samples) * 10_000;
  const [first, last] = [samples[0]?.bytes ?? Number.NaN, samples.at(-1)?.bytes ?? Number.NaN];
  return [
    {
      what: `memory over ${calls} calls, growth per 10,000 after the first ${WARM_UP} (from ${mb(first)} to ${mb(last)})`,
      value: mb(slope),
      target: '≤ 1 MB',
      met: slope <= 1e6,
    },
  ];
}

/** Bytes per call, least squares. */
function slopeOf(samples: readonly { readonly calls: number; readonly bytes: number }[]): number {
  const x = mean(samples.map(({ calls }) => calls));
  const y = mean(samples.map(({ bytes }) => bytes));
  const up = samples.reduce((sum, { calls, bytes }) => sum + (calls - x) * (bytes - y), 0);
  const down = samples.reduce((sum, { calls }) => sum + (calls - x) ** 2, 0);
  return up / down;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
