import { join } from 'node:path';
import { SHIPPED } from '../../src/policy/policies.ts';
import { testTable } from './table.ts';

const AGENTS = ['agents'];
const PILOT = ['agents', 'pilot'];
const BEFORE = '2027-01-14T23:59:59Z';
const SECOND = '2027-01-15T00:00:00Z';
const LATER = '2027-02-28T23:59:59Z';
const THIRD = '2027-03-01T00:00:00Z';

testTable(
  'examples/graduated',
  [join(SHIPPED.examples, 'graduated.cedar')],
  [
    // Stage 1: reading, and nothing for who is in no group.
    [{ at: BEFORE }, 'deny'],
    [{ groups: ['pilot'], at: BEFORE }, 'deny'],
    [{ groups: AGENTS, at: BEFORE }, 'allow'],
    [{ groups: AGENTS, at: BEFORE, method: 'resources/read' }, 'allow'],
    [{ groups: AGENTS, at: BEFORE, classes: ['write'] }, 'deny'],
    [{ groups: AGENTS, at: BEFORE, classes: ['read', 'write'] }, 'deny'],
    [{ groups: AGENTS, at: BEFORE, classes: ['external_communication'] }, 'deny'],
    [{ groups: AGENTS, at: BEFORE, classes: ['unclassified'] }, 'deny'],
    // Stage 2: the pilot first, everybody from the date on.
    [{ groups: PILOT, at: BEFORE, classes: ['write'] }, 'allow'],
    [{ groups: PILOT, at: BEFORE, classes: ['read', 'write'] }, 'allow'],
    [{ groups: PILOT, at: BEFORE, classes: ['destructive'] }, 'ask user'],
    [{ groups: PILOT, at: BEFORE, classes: ['financial'] }, 'deny'],
    [{ groups: PILOT, at: BEFORE, classes: ['write'], sink: ['external'] }, 'deny'],
    [{ groups: PILOT, at: BEFORE, classes: ['write', 'external_communication'] }, 'deny'],
    [{ groups: AGENTS, at: SECOND, classes: ['write'] }, 'allow'],
    [{ groups: AGENTS, at: SECOND, classes: ['destructive'] }, 'ask user'],
    [{ groups: AGENTS, at: SECOND, classes: ['financial'] }, 'deny'],
    [{ groups: AGENTS, at: SECOND, classes: ['write'], sink: ['external'] }, 'deny'],
    // Stage 3: the same a stage later.
    [{ groups: PILOT, at: SECOND, classes: ['external_communication'] }, 'allow'],
    [{ groups: PILOT, at: SECOND, classes: ['write'], sink: ['external'] }, 'allow'],
    [{ groups: PILOT, at: SECOND, classes: ['financial'] }, 'ask user'],
    [{ groups: AGENTS, at: LATER, classes: ['external_communication'] }, 'deny'],
    [{ groups: AGENTS, at: THIRD, classes: ['external_communication'] }, 'allow'],
    [{ groups: AGENTS, at: THIRD, classes: ['write', 'external_communication'] }, 'allow'],
    [{ groups: AGENTS, at: THIRD, classes: ['financial'] }, 'ask user'],
    // In no stage.
    [{ groups: PILOT, at: THIRD, on: 'code/run', classes: ['code_execution'] }, 'deny'],
    [{ groups: PILOT, at: THIRD, classes: ['credential_access'] }, 'deny'],
    [{ groups: PILOT, at: THIRD, classes: ['unclassified'] }, 'deny'],
    [{ at: THIRD, classes: ['external_communication'] }, 'deny'],
    // Back to stage 1.
    [{ groups: PILOT, at: THIRD, escalation: 1, classes: ['write'] }, 'allow'],
    [{ groups: PILOT, at: THIRD, escalation: 2 }, 'allow'],
    [{ groups: PILOT, at: THIRD, escalation: 2, classes: ['write'] }, 'deny guard.reading-only stage.back'],
    [{ groups: PILOT, at: THIRD, escalation: 2, classes: ['external_communication'] }, 'deny guard.reading-only stage.back'],
    // The guardrails come on top.
    [{ groups: PILOT, at: THIRD, pin: 'drift' }, 'deny guard.pin-drift'],
    [{ groups: PILOT, at: THIRD, labels: ['secret'], classes: ['external_communication'] }, 'deny guard.secret-by-class'],
  ],
); // prettier-ignore
