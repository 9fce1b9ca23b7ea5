import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundleSource, type BundleCandidate } from '../../src/bundle/bundle-source.ts';
import { createInForce, type InForce } from '../../src/policy/in-force.ts';
import { KEYS, makeBundle, write } from '../bundle/support.ts';
import { callOf } from '../policy/support.ts';
import { ms, quantile, time, type Row } from './measure.ts';

const POLICIES = 1000;
const RELOADS = 200;
const WARM_UP = 40;
const ROUNDS = 5;

const now = (): Date => new Date();
const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

type Bundled = {
  readonly inForce: InForce;
  /** Puts so many policies in place that nobody has seen before, as a newer version. */
  readonly sign: (count: number) => Promise<void>;
};

/** Bundles as they are exchanged under a running gateway. */
export async function reloadRows(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-bench-bundle-'));
  try {
    return [...(await exchangeRows(folder)), await memoryRow(folder)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openBundled(folder: string, count: number): Promise<Bundled> {
  const path = join(folder, `bundle-${count}`);
  write(folder, 'ci.pub', KEYS['ci']?.pem ?? '');
  let version = 0;
  async function sign(policies: number): Promise<void> {
    version++;
    const text = Array.from(
      { length: policies },
      (_, at) =>
        `@id("p${at}") permit(principal, action in Action::"read", resource == Tool::"files/tool${at}") when { context.session.calls < ${version * 1000 + at} };`,
    ).join('\n');
    await makeBundle(path, {
      files: { 'tools.cedar': text },
      meta: {
        name: `bench-${count}`,
        version,
        notBefore: moment(Date.now() - 60_000),
        expires: moment(Date.now() + 3_600_000),
      },
    });
  }
  await sign(count);
  const settings = { path, keys: [join(folder, 'ci.pub')], threshold: 1 };
  const source = await openBundleSource(settings, join(folder, 'state'), now);
  const inForce = createInForce<BundleCandidate>(source.read(), {
    now,
    read: source.read,
    admit: (candidate) => candidate.remember(),
    onRefused(thrown) {
      throw thrown;
    },
  });
  await inForce.ready;
  return { inForce, sign };
}

function decide({ decide: asked }: InForce, tool: number): void {
  const call = callOf();
  asked({ ...call, subject: { ...call.subject, name: `tool${tool}`, server: 'files' } });
}

/** How long it takes, and how much later than asked for a call gets its turn meanwhile. */
async function exchangeRows(folder: string): Promise<Row[]> {
  const { inForce, sign } = await openBundled(folder, POLICIES);
  const took: number[] = [];
  const quiet = await delays(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2000));
  });
  const busy: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    await sign(POLICIES);
    busy.push(...(await delays(async () => void took.push(await time(inForce.reload)))));
    decide(inForce, n);
  }
  return [
    {
      what: `bundle: ${POLICIES} changed policies verified, tried and in force, p50 of ${ROUNDS}`,
      value: ms(quantile(took, 0.5)),
      target: '≤ 1000 ms',
      met: quantile(took, 0.5) <= 1000,
    },
    {
      what: `bundle: what else waits meanwhile, p50 / p95 / longest (without it ${spread(quiet)})`,
      value: spread(busy),
      target: 'longest ≤ 5 ms more',
      met: quantile(busy, 1) <= quantile(quiet, 1) + 5,
    },
  ];
}

/** Milliseconds between turns of the event loop beyond the one asked for, while something goes on. */
async function delays(work: () => Promise<void>): Promise<number[]> {
  const found: number[] = [];
  let before = performance.now();
  const timer = setInterval(() => {
    const at = performance.now();
    found.push(Math.max(0, at - before - 1));
    before = at;
  }, 1);
  await work();
  clearInterval(timer);
  return found;
}

async function memoryRow(folder: string): Promise<Row> {
  const { inForce, sign } = await openBundled(folder, 100);
  const samples: number[] = [];
  for (let n = 1; n <= RELOADS; n++) {
    await sign(100);
    await inForce.reload();
    for (let tool = 0; tool < 20; tool++) decide(inForce, tool);
    if (n >= WARM_UP) samples.push(process.memoryUsage.rss());
  }
  const part = Math.floor(samples.length / 4);
  const first = quantile(samples.slice(0, part), 0.5);
  const last = quantile(samples.slice(-part), 0.5);
  return {
    what: `bundle: memory over ${RELOADS} exchanges, after the first ${WARM_UP} (from ${mb(first)} to ${mb(last)})`,
    value: mb(last - first),
    target: '≤ 5 MB',
    met: last - first <= 5e6,
  };
}

function spread(values: readonly number[]): string {
  return `${ms(quantile(values, 0.5))} / ${ms(quantile(values, 0.95))} / ${ms(quantile(values, 1))}`;
}

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
