import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call, Session, Subject } from '../../src/call.ts';
import { SHIPPED } from '../../src/policy/policies.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { createScan } from '../../src/scan/scan.ts';
import { ms, quantile, repeat, type Row } from './measure.ts';

const spread = (values: readonly number[]): string =>
  `${ms(quantile(values, 0.5))} / ${ms(quantile(values, 0.95))}`;

const subject: Subject = {
  kind: 'tool',
  server: 'files',
  name: 'read_text_file',
  classes: ['read'],
  dataClass: 1,
  source: ['untrusted', 'private'],
  sink: [],
  pin: 'match',
  reviewed: false,
  hash: '',
  definition: {},
};

const session: Session = {
  id: 'bench',
  caller: {
    issuer: 'local',
    subject: 'alice',
    client: 'local',
    groups: ['eng'],
    scopes: [],
    assurance: 0,
  },
  labels: new Set(['untrusted']),
  escalation: 0,
  calls: 1,
  addLabels: () => undefined,
  escalate: () => undefined,
  countCall: () => undefined,
};

function callOf(name: string, labels: readonly string[]): Call {
  return {
    traceId: '',
    id: 1,
    method: 'tools/call',
    session: { ...session, labels: new Set(labels) },
    subject: { ...subject, name },
    params: {},
    args: {},
  };
}

const now = (): Date => new Date();

/**
 * Decisions with the shipped set, the same again; and with 1,000 policies of single tools beside it: the first about each
 * tool, and one more about each in a session that has read something new, so that no answer is a remembered one.
 */
export async function policyStage(): Promise<Row[]> {
  const few = await loadPolicy({ paths: [SHIPPED.personal], now });
  const call = callOf('read_text_file', ['untrusted']);
  const again = (): unknown => few.decide(call);
  await repeat(2000, again);
  const repeated = await repeat(2000, again);

  const folder = await mkdtemp(join(tmpdir(), 'sallyport-bench-policies-'));
  try {
    const own = Array.from(
      { length: 1000 },
      (_, at) =>
        `permit(principal, action in Action::"read", resource == Tool::"files/tool${at}") when { context.session.escalation < 3 };`,
    );
    await writeFile(join(folder, 'tools.cedar'), own.join('\n'));
    const many = await loadPolicy({ paths: [SHIPPED.personal, folder], now });
    const about = (labels: (at: number) => string[]): (() => unknown) => {
      let at = 0;
      return () => many.decide(callOf(`tool${at}`, labels(at++)));
    };
    const first = await repeat(
      500,
      about(() => []),
    );
    const fresh = await repeat(
      500,
      about((at) => [`l${at}`]),
    );
    return [
      row(`policy: one decision asked before, ${few.count} policies`, repeated, 1),
      {
        what: `policy: the first about a tool, ${many.count} policies, p50 / p95`,
        value: spread(first),
      },
      row(`policy: another one, new too, ${many.count} policies`, fresh, 3),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function row(what: string, values: readonly number[], limit: number): Row {
  return {
    what: `${what}, p50 / p95`,
    value: spread(values),
    target: `p95 ≤ ${limit} ms`,
    met: quantile(values, 0.95) <= limit,
  };
}

const WORDS =
  'The quarterly report shows that revenue grew while costs stayed level and nobody complained. ';

/** The detector on ordinary text. */
export function scanStage(): Row[] {
  const scan = createScan({ mark: 0.5, block: 0.9 });
  return [1024, 4096].map((size) => {
    const texts = Array.from(
      { length: 400 },
      (_, at) => `${WORDS.repeat(60).slice(0, size - 16)}${at.toString(16).padStart(16, '0')}`,
    );
    const values = texts.map((text) => {
      const start = performance.now();
      scan(text, 'tool-output');
      return performance.now() - start;
    });
    return row(`scan: ${size / 1024} KB of prose`, values.slice(100), 5);
  });
}
