import type { Finding, Verdict } from '../call.ts';
import { PRIORS, type Channel } from './channel.ts';
import { decodings } from './decode.ts';
import { createEffort, type Effort } from './effort.ts';
import { measure, type Evidence } from './evidence.ts';
import { speaksAsGate } from './gate-voice.ts';
import { joined } from './joined.ts';
import { normalise } from './normalise.ts';
import { surfaces } from './surfaces.ts';
import { rawView, type View } from './view.ts';

export type Scanning = {
  /** 0..1: how likely the text instructs the model. */
  readonly score: number;
  readonly verdict: Verdict;
  /** Strongest first, at most 50. Offsets are those of the text that was given. */
  readonly findings: readonly Finding[];
};

export type Scan = (text: string, channel: Channel) => Scanning;

export type Thresholds = { readonly mark: number; readonly block: number };

const WINDOW = 65_536;
const OVERLAP = 4096;
const MAX_FINDINGS = 50;
/** Encodings inside encodings that are undone. */
const MAX_DEPTH = 2;
const GATE_VOICE: Finding = { rule: 'gate-voice', view: 'raw', start: 0, end: 0 };
/** The answer about a text that nobody read to its end. */
export const UNREAD: Scanning = {
  score: 1,
  verdict: 'block',
  findings: [{ rule: 'unread', view: 'raw', start: 0, end: 0 }],
};
/** Log-odds of a text without evidence. */
const BASE = -4;

/** Makes the detector. It is pure and takes time linear in the text; longer texts are read in windows that overlap. */
export function createScan(thresholds: Thresholds): Scan {
  const steps = createScanSteps(thresholds);

  return function scan(text, channel) {
    const reading = steps(text, channel);
    let step = reading.next();
    while (step.done !== true) step = reading.next();
    return step.value;
  };
}

/** The same in steps, one for each window: who runs it may do something else in between. */
export function createScanSteps({
  mark,
  block,
}: Thresholds): (text: string, channel: Channel) => Generator<void, Scanning> {
  if (!(mark > 0 && mark <= block && block <= 1))
    throw new TypeError('Cannot create a scan: thresholds must be 0 < mark <= block <= 1');

  return function* scanSteps(text, channel) {
    let weight = 0;
    let forged = false;
    const effort = createEffort(text.length);
    const found: Evidence['findings'][number][] = [];
    for (let start = 0; start === 0 || start + OVERLAP < text.length; start += WINDOW - OVERLAP) {
      if (start > 0) yield;
      const window = text.length <= WINDOW ? text : text.slice(start, start + WINDOW);
      forged ||= speaksAsGate(window);
      effort.open(window.length);
      const evidence = read(rawView(window, start), channel, 0, effort);
      weight = Math.max(weight, evidence.weight);
      found.push(...evidence.findings);
      if (!effort.isSpent()) continue;
      // Made to hide behind its own cost: what nobody read, nobody may show, and the rest need not be read.
      return UNREAD;
    }
    // rules + model: a learned score, in log-odds, is added here.
    const logOdds = BASE + weight + (weight > 0 ? PRIORS[channel] : 0);
    const score = 1 / (1 + Math.exp(-logOdds));
    return {
      score,
      // Whatever the thresholds: who speaks in the gate's voice is put between the gate's own delimiters.
      verdict: score >= block ? 'block' : score >= mark || forged ? 'mark' : 'pass',
      findings: [...(forged ? [GATE_VOICE] : []), ...distinct(found)],
    };
  };
}

/** The strongest evidence in any reading of the text that `effort` allows. */
function read(input: View, channel: Channel, depth: number, effort: Effort): Evidence {
  const all: Evidence[] = [];
  for (const view of [input, ...joined(input)]) {
    if (!effort.spend(view.text.length)) break;
    const normal = normalise(view);
    for (const surface of both([normal.view], surfaces(normal.view))) {
      if (!effort.isNewReading(surface, normal)) continue;
      if (!effort.spend(surface.text.length)) break;
      all.push(measure(surface, channel, normal));
    }
    if (depth === MAX_DEPTH || effort.isSpent()) continue;
    for (const decoded of decodings(normal.view)) {
      if (effort.isSpent()) break;
      if (effort.isNewInput(decoded.text, depth))
        all.push(read(decoded, channel, depth + 1, effort));
    }
  }
  return {
    weight: Math.max(0, ...all.map(({ weight }) => weight)),
    findings: all.flatMap(({ findings }) => findings),
  };
}

function* both<T>(first: Iterable<T>, second: Iterable<T>): Generator<T> {
  yield* first;
  yield* second;
}

function distinct(found: Evidence['findings']): Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const { rule, view, start, end } of found.toSorted((a, b) => b.weight - a.weight)) {
    const key = `${rule} ${start} ${end}`;
    if (seen.has(key)) continue;
    seen.add(key);
    findings.push({ rule, view, start, end });
    if (findings.length === MAX_FINDINGS) break;
  }
  return findings;
}
