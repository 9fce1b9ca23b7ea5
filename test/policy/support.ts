import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Call, CallMethod, Caller, Session, Subject } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import type { Policy, PolicyOptions } from '../../src/policy/policy.ts';
import { scratch } from '../support/scratch.ts';

/** A Wednesday, noon UTC. */
export const NOON = new Date('2026-11-25T12:00:00Z');

export function callerOf(over: Partial<Caller> = {}): Caller {
  return {
    issuer: 'local',
    subject: 'alice',
    client: 'local',
    groups: ['eng'],
    scopes: [],
    assurance: 0,
    ...over,
  };
}

export function sessionOf(
  over: Partial<Pick<Session, 'id' | 'caller' | 'escalation' | 'calls'>> & {
    labels?: Iterable<string>;
  } = {},
): Session {
  return {
    id: 'session-1',
    caller: callerOf(),
    escalation: 0,
    calls: 0,
    ...over,
    labels: new Set(over.labels),
    addLabels: () => undefined,
    escalate: () => undefined,
    countCall: () => undefined,
  };
}

export function subjectOf(over: Partial<Subject> = {}): Subject {
  return {
    kind: 'tool',
    server: 'files',
    name: 'read_file',
    classes: ['read'],
    dataClass: 1,
    source: [],
    sink: [],
    pin: 'match',
    reviewed: true,
    hash: 'sha256-of-it',
    definition: {},
    ...over,
  };
}

export type CallParts = {
  readonly method?: CallMethod;
  readonly session?: Session;
  readonly subject?: Subject;
  readonly args?: Call['args'];
};

export function callOf({
  method = 'tools/call',
  session = sessionOf(),
  subject = subjectOf(),
  args = {},
}: CallParts = {}): Call {
  return { traceId: 'trace-1', id: 1, method, session, subject, params: { arguments: args }, args };
}

/** Loads policies from texts. */
export async function policyFrom(
  context: TestContext,
  texts: string | Record<string, string>,
  over: Partial<PolicyOptions> = {},
): Promise<Policy> {
  return loadPolicy({ paths: [await folderOf(context, texts)], now: () => NOON, ...over });
}

export async function folderOf(
  context: TestContext,
  texts: string | Record<string, string>,
): Promise<string> {
  const folder = await scratch(context);
  const files = typeof texts === 'string' ? { 'test.cedar': texts } : texts;
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** `allow`, `ask user`, or `deny` and the policies that say so. */
export function verdict(policy: Policy, call: Call, approvals?: readonly string[]): string {
  try {
    const { obligations } = policy.decide(call, approvals);
    return obligations.approvals.length === 0
      ? 'allow'
      : `ask ${obligations.approvals.toSorted().join(' ')}`;
  } catch (thrown) {
    if (!(thrown instanceof Denial)) throw thrown;
    if (!['policy-denied', 'plan-violated'].includes(thrown.code)) throw thrown;
    return ['deny', ...thrown.policies].join(' ');
  }
}
