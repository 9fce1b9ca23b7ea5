import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Denial } from '../denial.ts';
import { processBegan } from '../lib/process-began.ts';
import { spawnAlone } from '../lib/spawn-alone.ts';
import { makeCellFolder, type CellFolder } from './cell-folder.ts';
import { deadline } from './deadline.ts';
import type { Cell, OpenOptions, Wish } from './driver.ts';
import { execute, type Ended } from './execute.ts';
import { greeting } from './greeting.ts';
import type { Owner } from './owner.ts';
import { openPipes, type Pipes } from './pipes.ts';
import { killTree, statusField, type Process } from './processes.ts';
import { watchUsage, type Meter } from './watch-usage.ts';

/** How one kind of cell is started on this machine. */
export type Launch = {
  /** Writes what the command needs into the cell's folder. */
  readonly prepare: (folder: string) => Promise<readonly string[]>;
  /** Looks at what runs below this process. Throws where it is not of the tier, or where its memory cannot be watched. */
  readonly inspect: (root: number, greeting: string) => Meter;
  /** What to do when it does not start. */
  readonly hint: string;
};

export type LocalCellOptions = OpenOptions & {
  readonly wish: Wish;
  /** Folder of all cells. */
  readonly folder: string;
  readonly owner: Owner;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly env: NodeJS.ProcessEnv;
};

const EXIT_MS = 10_000;
const LAST_WORDS_MS = 100;
/** When memory is short, the kernel is to take it from a cell. */
const LAUNCH = `echo 1000 > /proc/self/oom_score_adj
exec "$@"`;

/** Starts a cell as a child of this process. Throws `sandbox-unavailable` when it does not come up; then nothing is left. */
export async function openLocalCell(launch: Launch, options: LocalCellOptions): Promise<Cell> {
  const { wish, id, signal, later } = options;
  const expires = options.now() + wish.limits.startMs + wish.lifeMs;
  const folder = await makeCellFolder(options.folder, id, { owner: options.owner, expires });
  const started: Started = { isOver: false };
  const starting = start(launch, options, folder, started);
  try {
    return await deadline(starting, wish.limits.startMs, signal);
  } catch (error) {
    started.isOver = true;
    // It comes to its end by itself, now that its process has been ended or is never started.
    later(Promise.allSettled([discard(folder, started), starting]));
    throw error;
  }
}

/** What there is to be ended. */
type Started = { root?: Process; pipes?: Pipes; isOver: boolean };

async function start(
  launch: Launch,
  { wish, id, env }: LocalCellOptions,
  folder: CellFolder,
  started: Started,
): Promise<Cell> {
  const command = [...affinity(wish.limits.cpus), ...(await launch.prepare(folder.path))];
  if (started.isOver) throw new Error('it was given up');
  const pipes = openPipes(folder.path);
  started.pipes = pipes;
  const child = spawnAlone('sh', ['-c', LAUNCH, 'launch', ...command], {
    stdio: [...pipes.stdio],
    // Nothing of the gateway's environment: it may hold secrets.
    env: { PATH: `${env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin` },
    cwd: folder.path,
    // Ctrl-C at the gateway's terminal is the gateway's.
    detached: true,
  });
  const { pid } = child;
  // Before anybody can have asked for its end: its number is its own.
  if (pid !== undefined) started.root = { pid, began: processBegan(pid) };
  const exited = new Promise<Ended>((resolve) => {
    child.on('exit', (code, killer) =>
      resolve({ exitCode: code ?? (killer ? 137 : 1), outOfMemory: false }),
    );
    child.on('error', () => resolve({ exitCode: 1, outOfMemory: false }));
  });
  pipes.closeChildEnds();
  if (pid === undefined) throw new Error('no process could be started');
  const greeted = greeting(
    pipes.attachment,
    (why) => refused(why, launch),
    // Something that it started may still hold the pipes; what it said last is on its way.
    exited.then(async () => await pause(LAST_WORDS_MS)),
  );
  greeted.catch(() => {});
  await folder.noteProcess(pid);
  pipes.attachment.write(Buffer.from(`${wish.token}\n`));
  const kernel = await greeted;
  if (started.isOver) throw new Error('it was given up');
  const memory = watchUsage(launch.inspect(pid, kernel), wish.limits.memory);
  const { attachment } = pipes;
  const gone = new AbortController();
  const end = (): void => gone.abort();
  void exited.then(end);
  attachment.listen({ chunk() {}, end });
  memory.exceeded.addEventListener('abort', end, { once: true });
  const running = {
    attachment,
    token: wish.token,
    memory,
    ending: async () => await deadline(exited, EXIT_MS),
  };
  return {
    id,
    gone: gone.signal,
    execute: async (program, wanted) => await execute(running, program, wanted),
    async destroy() {
      memory.close();
      await discard(folder, started);
    },
  };
}

async function discard(
  folder: CellFolder,
  { root, pipes }: Pick<Started, 'root' | 'pipes'>,
): Promise<void> {
  pipes?.attachment.close();
  if (root) await killTree(root);
  await folder.remove();
}

function refused(why: string, { hint }: Launch): Denial {
  const last = why.split('\n').at(-1) || 'it ended before it began';
  return new Denial('sandbox-unavailable', `Cannot run the program: no sandbox starts: ${last}`, {
    hint,
  });
}

/** What is to be said of an error that such a cell threw. */
export function localRefusal(error: unknown, program: string): Denial {
  if (error instanceof Denial) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new Denial('sandbox-failed', `Cannot run the program: the sandbox failed: ${why}`, {
    hint: `sallyport check shows what is wrong with ${program}`,
    cause: error,
  });
}

/** Where a cell may not use every processor it gets some of them, another choice each time. */
function affinity(cpus: number): string[] {
  const wanted = Math.max(1, Math.ceil(cpus));
  if (wanted >= availableParallelism()) return [];
  const allowed = statusField(process.pid, 'Cpus_allowed_list')
    .split(',')
    .flatMap((range) => {
      const [from = 0, to = from] = range.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, at) => from + at);
    });
  const first = Math.floor(Math.random() * allowed.length);
  const chosen = Array.from({ length: wanted }, (_, at) => allowed[(first + at) % allowed.length]);
  return ['taskset', '-c', chosen.join(',')];
}
