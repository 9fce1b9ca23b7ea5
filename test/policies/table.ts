import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../src/call.ts';
import { createCanEnforce } from '../../src/policy/can-enforce.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { KIND_OF } from '../support/kind-of.ts';
import { callOf, callerOf, sessionOf, subjectOf, verdict } from '../policy/support.ts';

/** Who in what state does what, and what becomes of it: `allow`, `ask user`, or `deny` and the policies that say so. */
export type Row = readonly [
  given: {
    readonly groups?: readonly string[];
    readonly labels?: readonly string[];
    readonly escalation?: number;
    readonly authAge?: number;
    readonly at?: string;
    readonly method?: Call['method'];
    readonly on?: string;
    readonly classes?: Call['subject']['classes'];
    readonly sink?: readonly string[];
    readonly pin?: Call['subject']['pin'];
    readonly reviewed?: boolean;
    /** It is a step of a plan; what the session had read at that time, and what untrusted values decide in it. */
    readonly step?: {
      readonly had?: readonly string[];
      readonly from?: readonly ('text' | 'numbers')[];
    };
    /** It submits a plan that departs so from the one before it. */
    readonly departs?: readonly string[];
  },
  want: string,
];

const NOON = '2026-11-25T12:00:00Z';

/** Decides every row with these policies and the guardrails. */
export function testTable(name: string, paths: readonly string[], rows: readonly Row[]): void {
  test(`decision table: ${name}`, async (t) => {
    let now = new Date(NOON);
    const policy = await loadPolicy({
      paths,
      now: () => now,
      canEnforce: createCanEnforce({ mcpServers: {} }),
    });
    for (const [given, want] of rows)
      await t.test(`${JSON.stringify(given)} → ${want}`, () => {
        now = new Date(given.at ?? NOON);
        assert.equal(verdict(policy, callFrom(given, now)), want);
      });
  });
}

function callFrom(given: Row[0], now: Date): Call {
  const { method = 'tools/call', on = 'files/tool', authAge } = given;
  const [server = '', ...name] = on.split('/');
  const kind = KIND_OF[method];
  const caller = callerOf({
    groups: given.groups ?? [],
    ...(authAge !== undefined && { authTime: now.getTime() / 1000 - authAge }),
  });
  const { step, departs } = given;
  const call = callOf({
    method,
    session: {
      ...sessionOf({ caller, labels: given.labels ?? [], escalation: given.escalation ?? 0 }),
      ...(step && {
        step: {
          plan: '',
          number: 0,
          isRun: true,
          labels: new Set(step.had),
          argLabels: new Set(given.labels),
          fromUntrusted: new Set(step.from),
        },
      }),
    },
    subject: subjectOf({
      kind,
      server,
      name: name.join('/'),
      classes: given.classes ?? (kind === 'request' ? [] : ['read']),
      sink: given.sink ?? [],
      pin: given.pin ?? 'match',
      reviewed: given.reviewed ?? false,
    }),
  });
  return departs ? { ...call, plan: { steps: 1, depth: 1, tools: [], sinks: [], departs } } : call;
}
