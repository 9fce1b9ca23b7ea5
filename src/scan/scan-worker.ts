import { parentPort, workerData } from 'node:worker_threads';
import type { Thresholds } from './odds.ts';
import type { Answer, Errand } from './scan-aside.ts';
import { createScanSteps, type Scanning } from './scan.ts';

/** The thread of `scan-aside.ts`: one window of each text in turn, so that a long one does not keep a short one waiting. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- scan-aside.ts passes nothing else
const scanSteps = createScanSteps(workerData as Thresholds);
const inWork = new Map<number, Generator<void, Scanning>>();

function turn(): void {
  for (const [id, steps] of inWork) {
    const step = steps.next();
    if (step.done !== true) continue;
    inWork.delete(id);
    const answer: Answer = { id, scanning: step.value };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    parentPort?.postMessage(answer);
  }
  if (inWork.size > 0) setImmediate(turn);
}

parentPort?.on('message', ({ id, text, channel }: Errand) => {
  inWork.set(id, scanSteps(text, channel));
  if (inWork.size === 1) setImmediate(turn);
});
