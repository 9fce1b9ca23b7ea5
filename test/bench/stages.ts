import { randomBytes } from 'node:crypto';
import type { Call, Session, Subject } from '../../src/call.ts';
import { SHIPPED } from '../../src/policy/policies.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { createLocalSandbox } from '../../src/sandbox/local-sandbox.ts';
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

/** One decision with the shipped personal set and the guardrails. */
export async function policyStage(): Promise<Row[]> {
  const policy = await loadPolicy({ paths: [SHIPPED.personal], now: () => new Date() });
  const call: Call = {
    traceId: '',
    id: 1,
    method: 'tools/call',
    session,
    subject,
    params: {},
    args: {},
  };
  const decide = (): unknown => policy.decide(call);
  await repeat(2000, decide);
  const values = await repeat(2000, decide);
  const met = quantile(values, 0.95) <= 1;
  return [
    {
      what: `policy: one decision, ${policy.count} policies, p50 / p95`,
      value: spread(values),
      target: 'p95 ≤ 1 ms',
      met,
    },
  ];
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
    const met = quantile(values, 0.95) <= 5;
    return {
      what: `scan: ${size / 1024} KB of prose, p50 / p95`,
      value: spread(values.slice(100)),
      target: 'p95 ≤ 5 ms',
      met,
    };
  });
}

/** Cold gVisor containers, where this machine has Docker and runsc. */
export async function sandboxStage(): Promise<Row[]> {
  const sandbox = createLocalSandbox({ env: process.env, log: () => undefined });
  try {
    const probe = await sandbox.probe();
    if (!probe.ok)
      return [
        { what: 'sandbox: cold Python in gVisor', value: `not here: ${probe.denial.message}` },
      ];
    const run = async (): Promise<unknown> =>
      await sandbox.run({
        language: 'python',
        code: `print("${randomBytes(4).toString('hex')}")`,
        timeoutMs: 30_000,
        signal: AbortSignal.timeout(60_000),
      });
    await repeat(2, run);
    const values = await repeat(20, run);
    return [
      { what: 'sandbox: cold Python in gVisor, start to result, p50 / p95', value: spread(values) },
    ];
  } finally {
    await sandbox.close();
  }
}
