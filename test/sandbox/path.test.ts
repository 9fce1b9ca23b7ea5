import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CapabilityClass, Obligations } from '../../src/call.ts';
import { pathOf, type Path } from '../../src/sandbox/path.ts';
import { callOf, sessionOf, subjectOf } from '../policy/support.ts';

type Row = {
  readonly band?: number;
  readonly classes?: readonly CapabilityClass[];
  readonly isolation?: string;
  readonly egress?: readonly string[];
  readonly approvedBy?: readonly string[];
  readonly anomaly?: number;
};

const NOTHING: Obligations = { approvals: [], redact: [], advice: [] };

for (const [name, path, row] of [
  ['a calm session and code alone', 'hot', {}],
  ['code that reaches hosts', 'hot', { classes: ['code_execution', 'external_communication'] }],
  ['a policy that asks for a tier, warm or cold', 'hot', { isolation: 'gvisor' }],
  ['arguments like those before', 'hot', { anomaly: 79 }],
  ['a session in band 1', 'standard', { band: 1 }],
  ['a policy that narrows where code connects to', 'standard', { egress: ['a.example'] }],
  ['a session in band 2', 'escalation', { band: 2 }],
  ['a session in band 3', 'escalation', { band: 3 }],
  ['a destructive tool', 'escalation', { classes: ['code_execution', 'destructive'] }],
  ['a financial tool', 'escalation', { classes: ['financial'] }],
  ['arguments unlike those before', 'escalation', { anomaly: 80 }],
  ['what a person had to approve', 'escalation', { approvedBy: ['alice'] }],
  ['both a tier and a person', 'escalation', { isolation: 'process', approvedBy: ['alice'] }],
] as const satisfies readonly (readonly [string, Path, Row])[])
  test(`${name}: ${path}`, () => {
    const {
      band = 0,
      classes = ['code_execution'],
      isolation,
      egress,
      approvedBy = [],
      anomaly,
    }: Row = row;
    const subject = subjectOf({ classes });
    const call = callOf({ subject, session: sessionOf({ escalation: band }) });
    const wanted = { ...(isolation !== undefined && { isolation }), ...(egress && { egress }) };
    const obligations = { ...NOTHING, ...wanted };
    assert.equal(pathOf({ permit: { call, obligations }, approvedBy }, anomaly), path);
  });
