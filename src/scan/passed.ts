import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { createSealedFiles, type SealedFilesOptions } from '../state/sealed-files.ts';
import { shippedWeights } from './model/weights.ts';
import type { Thresholds } from './odds.ts';

/** Digests of definitions in which the detector found nothing, over restarts. */
export type Passed = {
  readonly isEmpty: () => boolean;
  readonly has: (definition: string) => boolean;
  readonly add: (definition: string) => void;
  /** Writes what was added since. */
  readonly close: () => void;
};

export type PassedOptions = {
  /** A folder of the state. */
  readonly path: string;
  /** What the detector is: what another one has passed does not count. Undefined: nothing is remembered. */
  readonly detector: string | undefined;
  readonly key: SealedFilesOptions<Value>['key'];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onProblem: (thrown: unknown) => void;
};

const value = z.strictObject({
  detector: z.string(),
  passed: z.array(z.string().length(44)),
});
type Value = z.infer<typeof value>;

const FILE = 'passed.json';
/** Those that were asked for last. */
const MOST = 2000;
const WRITE_AFTER_MS = 2000;

const NONE: Passed = { isEmpty: () => true, has: () => false, add: () => {}, close: () => {} };

/** The definitions of most servers are the same at each start, and reading them anew was a quarter of its time. */
export function createPassed({ detector, ...options }: PassedOptions): Passed {
  return detector === undefined ? NONE : createMemory(detector, options);
}

function createMemory(
  detector: string,
  { path, key, now, onProblem }: Omit<PassedOptions, 'detector'>,
): Passed {
  const files = createSealedFiles<Value>({
    kind: 'passed',
    schema: value,
    nameOf: () => FILE,
    isName: /^passed\.json$/u,
    key,
    now,
  });
  let known: Set<string> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function read(): Set<string> {
    try {
      const found = files.read(path).map(({ value: kept }) => kept);
      return new Set(
        found.filter((kept) => kept.detector === detector).flatMap((kept) => kept.passed),
      );
    } catch (thrown) {
      // Then everything is read anew.
      onProblem(thrown);
      return new Set();
    }
  }

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    try {
      files.write(path, { detector, passed: [...(known ?? [])] });
    } catch (thrown) {
      onProblem(thrown);
    }
  }

  return {
    isEmpty: () => (known ??= read()).size === 0,
    has(definition) {
      known ??= read();
      if (!known.delete(definition)) return false;
      known.add(definition);
      return true;
    },
    add(definition) {
      known ??= read();
      known.add(definition);
      const [oldest] = known;
      if (known.size > MOST && oldest !== undefined) known.delete(oldest);
      timer ??= setTimeout(write, WRITE_AFTER_MS).unref();
    },
    close() {
      if (timer) write();
    },
  };
}

/** The detector of this program with these thresholds; undefined where the program is not the one that was built as a whole. */
export function detectorDigest({ mark, block }: Thresholds): string | undefined {
  try {
    const program = readFileSync(new URL('./DIGEST', import.meta.url), 'utf8');
    const { scale, bias, bytes } = shippedWeights();
    const parts = JSON.stringify([program, mark, block, scale, bias]);
    return createHash('sha256').update(parts).update(bytes).digest('hex');
  } catch {
    return undefined;
  }
}
