// oxlint-disable-next-line import/no-unassigned-import -- has to run before Cedar is compiled
import './v8-flag.ts';
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { AT_ONCE, type CanaryAnswer, type CanaryWork } from './canary.ts';
import { createCedar } from './cedar.ts';
import { compile, type Compiled } from './compile.ts';
import { loadLooks } from './looks.ts';
import { shippedParsed } from './parsed.ts';
import { createPolicy } from './policy.ts';

/** The thread of `canary.ts`: reads, checks and tries one candidate. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- canary.ts passes nothing else
const { sources, base, problems: before, tools, port } = workerData as CanaryWork;

yieldToOthers();
// What it has sent is read while it is here.
parentPort?.ref();
await loadLooks(sources);
const cedar = createCedar();
let some: Compiled[] = [];
const {
  policies,
  problems: found,
  ...rest
} = compile(cedar, sources, base, shippedParsed(cedar), tools, (policy) => {
  some.push(policy);
  if (some.length >= AT_ONCE) send();
});
send();
const problems = [...before, ...found];
if (problems.length > 0) say({ kind: 'refused', problems });
else {
  createPolicy(cedar, { policies, problems, ...rest }, '', { now: () => new Date() });
  say({ kind: 'sound', count: policies.length, rest });
}

/** What is read already is made ready on the other side while the rest is read and checked. */
function send(): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  port.postMessage(some);
  some = [];
}

function say(answer: CanaryAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(answer);
}

/** Calls come first where there are more threads than processors. Only Linux tells a thread's own number. */
function yieldToOthers(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), 10);
  } catch {
    // Then they share.
  }
}
