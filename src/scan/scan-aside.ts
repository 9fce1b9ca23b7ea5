import { Worker } from 'node:worker_threads';
import type { Channel } from './channel.ts';
import type { ScanEventually } from './scan-json.ts';
import type { Thresholds } from './odds.ts';
import { createScan, UNREAD, type Scanning } from './scan.ts';

export type Aside = {
  readonly scan: ScanEventually;
  readonly close: () => Promise<void>;
};

/** What the worker is asked, and what it answers. */
export type Errand = { readonly id: number; readonly text: string; readonly channel: Channel };
export type Answer = { readonly id: number; readonly scanning: Scanning };

/** Characters that are scanned at once: tens of milliseconds at worst. */
const AT_ONCE = 32_768;
/** Longer than the longest message takes beside others like it; once until the thread has it, and again until it answers. */
const PATIENCE_MS = 120_000;

/** What the thread has before it; the rest waits here, where a text is held once and not copied. */
const MAX_POSTED = 2;

type Waiting = { readonly resolve: (scanning: Scanning) => void; readonly timer: NodeJS.Timeout };
type Queued = {
  readonly text: string;
  readonly channel: Channel;
  readonly resolve: (scanning: Scanning) => void;
  /** Others may keep the thread busy, one long text after the other. */
  readonly timer: NodeJS.Timeout;
};

/**
 * A scan that leaves long texts to a thread of its own, so that nobody waits for what somebody else's server said. The
 * thread starts with the first of them. What it does not answer counts as unread: a block.
 */
export function createScanAside(thresholds: Thresholds, patienceMs = PATIENCE_MS): Aside {
  const scanHere = createScan(thresholds);
  const waiting = new Map<number, Waiting>();
  const queue = new Set<Queued>();
  let worker: Worker | undefined;
  let last = 0;

  function start(): Worker {
    const started = new Worker(new URL('./scan-worker.js', import.meta.url), {
      workerData: thresholds,
      // It needs no secrets, and whatever it prints must not reach the frames on standard output.
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    started.on('message', ({ id, scanning }: Answer) => settle(id, scanning));
    started.on('error', () => giveUp(started));
    started.on('exit', () => giveUp(started));
    return started;
  }

  function settle(id: number, scanning: Scanning): void {
    const found = waiting.get(id);
    if (found === undefined) return;
    clearTimeout(found.timer);
    waiting.delete(id);
    found.resolve(scanning);
    post();
    // An idle thread keeps no process alive.
    if (waiting.size === 0) worker?.unref();
  }

  function post(): void {
    for (const next of queue) {
      if (waiting.size >= MAX_POSTED) return;
      queue.delete(next);
      clearTimeout(next.timer);
      const asked = (worker ??= start());
      asked.ref();
      const errand: Errand = { id: ++last, text: next.text, channel: next.channel };
      const timer = setTimeout(() => giveUp(asked), patienceMs);
      waiting.set(errand.id, { resolve: next.resolve, timer });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      asked.postMessage(errand);
    }
  }

  /** Nobody has read it. */
  function leave(queued: Queued): void {
    queue.delete(queued);
    clearTimeout(queued.timer);
    queued.resolve(UNREAD);
  }

  /** The thread is gone or does not answer: nothing that waits for it was read. */
  function giveUp(gone: Worker): void {
    if (gone !== worker) return;
    worker = undefined;
    void gone.terminate();
    // What comes next has another thread.
    const lost = Array.from(waiting.keys());
    for (const id of lost) settle(id, UNREAD);
  }

  return {
    scan(text, channel) {
      if (text.length <= AT_ONCE) return scanHere(text, channel);
      return new Promise<Scanning>((resolve) => {
        const timer = setTimeout(() => leave(queued), patienceMs);
        const queued: Queued = { text, channel, resolve, timer };
        queue.add(queued);
        post();
      });
    },
    async close() {
      for (const queued of queue) leave(queued);
      const closing = worker;
      if (closing === undefined) return;
      giveUp(closing);
      await closing.terminate();
    },
  };
}
