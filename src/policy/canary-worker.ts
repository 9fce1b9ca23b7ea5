// oxlint-disable-next-line import/no-unassigned-import -- has to run before Cedar is compiled
import './v8-flag.ts';
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { AT_ONCE, type CanaryAnswer } from './canary.ts';
import { createCedar } from './cedar.ts';
import { compile } from './compile.ts';
import { shippedParsed } from './parsed.ts';
import { createPolicy } from './policy.ts';
import type { Texts } from './texts.ts';

/** The thread of `canary.ts`: reads, checks and tries one candidate. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- canary.ts passes nothing else
const { sources, base, problems: before, tools } = workerData as Texts;

yieldToOthers();
const cedar = createCedar();
const {
  policies,
  problems: found,
  ...rest
} = compile(cedar, sources, base, shippedParsed(cedar), tools);
const problems = [...before, ...found];
if (problems.length > 0) say({ kind: 'refused', problems });
else {
  createPolicy(cedar, { policies, problems, ...rest }, '', { now: () => new Date() });
  let at = 0;
  const goOn = (): void => {
    const some = policies.slice(at, at + AT_ONCE);
    at += AT_ONCE;
    say(some.length > 0 ? { kind: 'some', policies: some } : { kind: 'sound', rest });
  };
  parentPort?.on('message', goOn);
  goOn();
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
