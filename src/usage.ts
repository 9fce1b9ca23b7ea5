import type { Anomaly, AnomalyOptions } from './anomaly/anomaly.ts';
import type { Score } from './anomaly/profile.ts';
import type { Call, Scanned } from './call.ts';

/** How tools have been used so far. */
export type Usage = {
  /** Begins to keep statistics: a policy asks for them. */
  readonly watch: (createAnomaly: (options: AnomalyOptions) => Anomaly) => void;
  /** How unlike earlier calls this one is; undefined where that is not known. The same for one call however often. */
  readonly scoreOf: (call: Pick<Call, 'method' | 'subject' | 'args'>) => Score | undefined;
  /** What was said of this call, undefined where nobody asked. */
  readonly said: (call: Call) => Score | undefined;
  /** Learns from a result that is about to be released. */
  readonly learn: (scanned: Scanned) => void;
  readonly close: () => Promise<void>;
};

/** Nothing is read, written or loaded until a policy asks. */
export function createUsage(options: () => AnomalyOptions): Usage {
  const said = new WeakMap<object, Score>();
  let anomaly: Anomaly | undefined;

  return {
    watch(createAnomaly) {
      anomaly ??= createAnomaly(options());
    },
    scoreOf(call) {
      if (call.method !== 'tools/call') return undefined;
      // Asked again after an approval it is still the call that was shown.
      const score = said.get(call) ?? anomaly?.scoreOf(call);
      if (score) said.set(call, score);
      return score;
    },
    said: (call) => said.get(call),
    learn({ output: { raw }, verdict }) {
      const { call } = raw.grant.permit;
      const isWell = !raw.failed && raw.result['isError'] !== true && verdict === 'pass';
      if (isWell && call.method === 'tools/call') anomaly?.learn(call);
    },
    async close() {
      await anomaly?.flush();
    },
  };
}
