import type { Finding, Verdict } from '../call.ts';
import type { Channel } from './channel.ts';
import { createEffort } from './effort.ts';
import { measure, type Evidence } from './evidence.ts';
import { speaksAsGate } from './gate-voice.ts';
import { createScore } from './model/score.ts';
import { shippedWeights, type Weights } from './model/weights.ts';
import { likelihood, together, verdictOf, type Thresholds } from './odds.ts';
import { quotationsIn } from './quoted.ts';
import { readings, type Reads } from './readings.ts';
import { RULES } from './rules.ts';
import type { Rule } from './rules/rule.ts';
import { rawView } from './view.ts';

export type Scanning = {
  /** 0..1: how likely the text instructs the model. */
  readonly score: number;
  readonly verdict: Verdict;
  /** Strongest first, at most 50. Offsets are those of the text that was given. */
  readonly findings: readonly Finding[];
};

export type Scan = (text: string, channel: Channel) => Scanning;

/** What a detector knows, and how it reads; all of this package where nothing is said. */
export type Knowledge = {
  readonly weights?: Weights;
  readonly rules?: readonly Rule[];
  readonly reads?: Reads;
};

const WINDOW = 65_536;
const OVERLAP = 4096;
const MAX_FINDINGS = 50;
const GATE_VOICE: Finding = { rule: 'gate-voice', view: 'raw', start: 0, end: 0 };
/** The answer about a text that nobody read to its end. */
export const UNREAD: Scanning = {
  score: 1,
  verdict: 'block',
  findings: [{ rule: 'unread', view: 'raw', start: 0, end: 0 }],
};
/** The learned score is a finding above this. */
const TOLD = 0;

/** Makes the detector; throws a `Fault` when the package has no weights. It is pure and takes time linear in the text; longer texts are read in windows that overlap. */
export function createScan(thresholds: Thresholds, knowledge: Knowledge = {}): Scan {
  const steps = createScanSteps(thresholds, knowledge);

  return function scan(text, channel) {
    const reading = steps(text, channel);
    let step = reading.next();
    while (step.done !== true) step = reading.next();
    return step.value;
  };
}

/** The same in steps, one for each window: who runs it may do something else in between. */
export function createScanSteps(
  thresholds: Thresholds,
  { weights = shippedWeights(), rules = RULES, reads }: Knowledge = {},
): (text: string, channel: Channel) => Generator<void, Scanning> {
  const { mark, block } = thresholds;
  if (!(mark > 0 && mark <= block && block <= 1))
    throw new TypeError('Cannot create a scan: thresholds must be 0 < mark <= block <= 1');
  const score = createScore(weights);

  return function* scanSteps(text, channel) {
    let weight = 0;
    let quoted = 0;
    let forged = false;
    const effort = createEffort(text.length);
    const quotations = once(() => quotationsIn(text));
    const found: Evidence['findings'][number][] = [];
    for (let start = 0; start === 0 || start + OVERLAP < text.length; start += WINDOW - OVERLAP) {
      if (start > 0) yield;
      const window = text.length <= WINDOW ? text : text.slice(start, start + WINDOW);
      forged ||= speaksAsGate(window);
      effort.open(window.length);
      for (const reading of readings(rawView(window, start), effort, reads)) {
        const { view } = reading;
        const evidence = measure(reading, channel, score, rules, quotations);
        found.push(...evidence.findings);
        const { learned } = evidence;
        const logit = learned?.logit ?? -Infinity;
        const [from, to] = learned ? view.locate(learned.start, learned.end) : [0, 0];
        // What was learned takes the attack that is quoted for one, and with it some of the words around it.
        const tellsOf = evidence.findings.some(
          (one) => one.class === 'quoted' && one.start < to && one.end > from,
        );
        weight = Math.max(weight, together(evidence.weight, tellsOf ? -Infinity : logit));
        quoted = Math.max(quoted, together(evidence.quoted, logit));
        if (logit > TOLD) {
          // After what rules found, which says why.
          const finding = { rule: 'learned', view: view.name, start: from, end: to, weight: 0 };
          found.push(tellsOf ? { ...finding, class: 'quoted' } : finding);
        }
      }
      if (!effort.isSpent()) continue;
      // Made to hide behind its own cost: what nobody read, nobody may show, and the rest need not be read.
      return UNREAD;
    }
    const odds = likelihood(weight, channel);
    const verdict = verdictOf(odds, thresholds);
    const toldOf = likelihood(quoted, channel);
    const isMarked = forged || toldOf >= mark;
    return {
      score: Math.max(odds, Math.min(toldOf, (mark + block) / 2)),
      // Whatever the thresholds: who speaks in the gate's voice is put between the gate's own delimiters.
      verdict: isMarked && verdict === 'pass' ? 'mark' : verdict,
      findings: [...(forged ? [GATE_VOICE] : []), ...distinct(found)],
    };
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function distinct(found: Evidence['findings']): Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const { weight: _, ...finding } of found.toSorted((a, b) => b.weight - a.weight)) {
    const key = `${finding.rule} ${finding.start} ${finding.end}`;
    if (seen.has(key)) continue;
    seen.add(key);
    findings.push(finding);
    if (findings.length === MAX_FINDINGS) break;
  }
  return findings;
}
