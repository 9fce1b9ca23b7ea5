import { setImmediate } from 'node:timers/promises';
import type { ScanJson } from '../scan/scan-json.ts';
import type { Payload } from './payloads.ts';
import { createRandom, sampleOfEach } from './random.ts';
import { createTally, type Report } from './report.ts';
import { TOOL_SETS } from './tool-sets.ts';
import { WRAPPINGS } from './wrappings.ts';

export type RunCorpusOptions = {
  readonly payloads: readonly Payload[];
  readonly scanJson: ScanJson;
  readonly head: Pick<Report, 'version' | 'seed' | 'sample' | 'corpora'>;
  /** Names from `WRAPPINGS` and `TOOL_SETS`. */
  readonly wrappings: readonly string[];
  readonly tools: readonly string[];
  readonly now: () => number;
  readonly progress: (done: number) => void;
};

/**
 * Sends a sample of each kind of each source through every wrapping, each time by the next tool set. Definitions come as
 * definitions, whatever the tool set.
 */
export async function runCorpus(options: RunCorpusOptions): Promise<Report> {
  const { payloads, scanJson, head, now, progress } = options;
  const tally = createTally();
  const chosen = sampleOfEach(
    payloads,
    ({ kind, source }) => `${kind} ${source}`,
    head.sample,
    (key) => createRandom(`${head.seed} ${key}`),
  );
  let turn = 0;
  for (const [at, payload] of chosen.entries()) {
    progress(at / chosen.length);
    await setImmediate();
    for (const wrapping of options.wrappings) {
      const tools = options.tools[turn++ % options.tools.length] ?? '';
      const text = WRAPPINGS[wrapping]?.(payload.text);
      const set = TOOL_SETS[tools];
      if (text === undefined || !set)
        throw new TypeError('Cannot run an unknown wrapping or tools');
      const isDefinition = payload.channel === 'tool-description';
      const channel = isDefinition ? payload.channel : (set.channel ?? payload.channel);
      const value = isDefinition ? { name: 'tool', description: text } : set.shape(text);
      const started = now();
      const { verdict } = scanJson(value, channel);
      const groups = {
        wrapping,
        tools: isDefinition ? 'definition' : tools,
        channel,
        source: payload.source,
      };
      tally.add(payload, verdict, groups, now() - started);
    }
  }
  return tally.report(head);
}
