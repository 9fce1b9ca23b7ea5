import { randomBytes, randomUUID } from 'node:crypto';
import type Docker from 'dockerode';
import type { ContainerCreateOptions } from 'dockerode';
import { Denial } from '../../src/denial.ts';
import { packageVersion } from '../../src/lib/package-root.ts';
import { readCellFiles } from '../../src/sandbox/cell-files.ts';
import { containerOptions } from '../../src/sandbox/container.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { connect, type Engine } from '../../src/sandbox/engine.ts';
import { findImage } from '../../src/sandbox/images.ts';
import type { Language } from '../../src/sandbox/languages.ts';
import { GRACE_MS, LIMITS } from '../../src/sandbox/limits.ts';
import { createLocalSandbox } from '../../src/sandbox/local-sandbox.ts';
import { ownerLabels, thisProcess } from '../../src/sandbox/owner.ts';
import type { Path } from '../../src/sandbox/path.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { ms, quantile, type Row } from './measure.ts';

const ROUNDS = 20;
const AT_ONCE = 20;
const PROGRAM_MS = 30_000;
const POOL = { size: 1, max: 4, idleMs: 60_000 };
/** What was done is cleared away, and a cell that was taken is replaced. */
const SETTLE_MS = 300;
const REFILL_MS = 1000;

/** One program that says something nobody has said before, in every language. */
export const SAY: Readonly<Record<Language, (word: string) => string>> = {
  python: (word) => `print("${word}")`,
  javascript: (word) => `console.log("${word}")`,
  bash: (word) => `echo ${word}`,
};

/** How each language takes a program on its command line. */
const INLINE: Readonly<Record<Language, readonly string[]>> = {
  python: ['python3', '-c'],
  javascript: ['node', '-e'],
  bash: ['bash', '-c'],
};

const pause = async (millis: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, millis));

/** Programs in cells that wait and in cells made for them, beside what Docker's client does alone, in turns. */
export async function sandboxRows(): Promise<Row[]> {
  const engine = await findEngine();
  if (engine instanceof Denial)
    return [{ what: 'sandbox: gVisor through Docker', value: `not here: ${engine.message}` }];
  const warm = open(POOL);
  const cold = open();
  try {
    const rows: Row[] = [];
    for (const language of ['python', 'javascript', 'bash'] as const)
      rows.push(...(await languageRows(language, { engine, warm, cold })));
    return [...rows, await parallelRow(cold)];
  } finally {
    await Promise.all([warm.close(), cold.close()]);
  }
}

/** Where programs run, or why there is no such place. */
export async function findEngine(): Promise<Engine | Denial> {
  try {
    return await connect(dockerHost(process.env), 'runsc');
  } catch (error) {
    return Denial.from(error);
  }
}

function open(pool?: typeof POOL): Sandbox {
  return createLocalSandbox({ env: process.env, log: () => {}, ...(pool && { pool }) });
}

type Sides = { readonly engine: Engine; readonly warm: Sandbox; readonly cold: Sandbox };
type Took = { warm: number[]; cold: number[]; runsc: Bare[]; runc: Bare[] };

async function languageRows(language: Language, { engine, warm, cold }: Sides): Promise<Row[]> {
  const took: Took = { warm: [], cold: [], runsc: [], runc: [] };
  // The first builds the image.
  await once(warm, language);
  await once(cold, language);
  const bare = await bareDocker(engine, language);
  await bare('runsc');
  await bare('runc');
  for (let round = 0; round < ROUNDS; round++) {
    await pause(REFILL_MS);
    const first = await once(warm, language);
    if (first.path === 'hot') took.warm.push(first.took);
    await pause(REFILL_MS);
    took.cold.push((await once(cold, language)).took);
    await pause(SETTLE_MS);
    took.runsc.push(await bare('runsc'));
    await pause(SETTLE_MS);
    took.runc.push(await bare('runc'));
  }
  const runsc = took.runsc.map(({ ended }) => ended);
  const [coldTail, limit] = [quantile(took.cold, 0.95), quantile(runsc, 0.95) * 1.15];
  const isPython = language === 'python';
  const [half, tail] = [quantile(took.warm, 0.5), quantile(took.warm, 0.95)];
  return [
    {
      what: `sandbox: ${language}, in a cell that waits, start to result, p50 / p95 of ${took.warm.length}`,
      value: spread(took.warm),
      ...(isPython && { target: '≤ 10 / 40 ms', met: half <= 10 && tail <= 40 }),
    },
    {
      what: `sandbox: ${language}, in a cell made for it`,
      value: spread(took.cold),
      target: `p95 ≤ 1.15 × Docker alone = ${ms(limit)}`,
      met: coldTail <= limit,
    },
    ...(['runsc', 'runc'] as const).map((runtime) => ({
      what: `Docker alone: ${language} in ${runtime}, to its first word; its end; removed`,
      value: (['said', 'ended', 'removed'] as const)
        .map((mark) => spread(took[runtime].map((each) => each[mark])))
        .join('; '),
    })),
  ];
}

const spread = (values: readonly number[]): string =>
  `${ms(quantile(values, 0.5))} / ${ms(quantile(values, 0.95))}`;

/** Runs one program; throws when it did not say its word. */
async function once(
  sandbox: Sandbox,
  language: Language,
): Promise<{ readonly path: Path; readonly took: number }> {
  const word = randomBytes(8).toString('hex');
  const began = performance.now();
  const { stdout, path } = await sandbox.run({
    language,
    code: SAY[language](word),
    timeoutMs: PROGRAM_MS,
    signal: AbortSignal.timeout(2 * PROGRAM_MS),
  });
  const took = performance.now() - began;
  if (stdout !== `${word}\n`) throw new Error(`said ${JSON.stringify(stdout)} and not ${word}`);
  return { path, took };
}

/** From asking for the container: until it says its first word, until its output has ended, and until it is removed. */
type Bare = { readonly said: number; readonly ended: number; readonly removed: number };

/** The very same container without what makes it a cell: the program stands on its command line. */
async function bareDocker(
  { docker, cpus }: Engine,
  language: Language,
): Promise<(runtime: 'runsc' | 'runc') => Promise<Bare>> {
  const { id: image = '' } = await findImage(docker, language, {
    own: {},
    version: packageVersion(),
  });
  const { hooks, supervise, seccomp } = await readCellFiles();
  return async function bare(runtime) {
    const lifeMs = PROGRAM_MS + GRACE_MS;
    const given = containerOptions({
      without: [],
      language,
      image,
      runtime,
      lifeMs,
      limits: { ...LIMITS, cpus: Math.min(LIMITS.cpus, cpus) },
      labels: ownerLabels(thisProcess(randomUUID()), Date.now() + lifeMs),
      supervise,
      hook: hooks[language],
      seccomp,
    });
    const word = randomBytes(8).toString('hex');
    const Cmd = [...INLINE[language], SAY[language](word)];
    return await runBare(docker, { ...given, Entrypoint: [], Cmd }, word);
  };
}

async function runBare(
  docker: Docker,
  options: ContainerCreateOptions,
  word: string,
): Promise<Bare> {
  const began = performance.now();
  const container = await docker.createContainer(options);
  try {
    const stream = await container.attach({
      stream: true,
      hijack: true,
      stdin: true,
      stdout: true,
      stderr: true,
    });
    let text = '';
    let said = Number.NaN;
    stream.on('data', (chunk: Buffer) => {
      if (text === '') said = performance.now() - began;
      text += chunk.toString();
    });
    const end = new Promise((resolve) => stream.once('end', resolve));
    await container.start();
    await end;
    const ended = performance.now() - began;
    if (!text.includes(word)) throw new Error(`said ${JSON.stringify(text)} and not ${word}`);
    await container.remove({ force: true });
    return { said, ended, removed: performance.now() - began };
  } catch (error) {
    await container.remove({ force: true }).catch(() => {});
    throw error;
  }
}

async function parallelRow(cold: Sandbox): Promise<Row> {
  const began = performance.now();
  const calls = await Promise.allSettled(
    Array.from({ length: AT_ONCE }, async () => await once(cold, 'python')),
  );
  const took = performance.now() - began;
  const failed = calls.filter(({ status }) => status === 'rejected').length;
  return {
    what: `sandbox: ${AT_ONCE} calls at once, each in a cell made for it, failures; all in ${ms(took)}`,
    value: String(failed),
    target: '0',
    met: failed === 0,
  };
}
