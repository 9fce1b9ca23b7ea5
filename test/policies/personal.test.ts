import { SHIPPED } from '../../src/policy/policies.ts';
import { testTable } from './table.ts';

const LETHAL = ['untrusted', 'private'];

testTable(
  'personal',
  [SHIPPED.personal],
  [
    // Reading is free, also when everything read so far was untrusted and unreviewed.
    [{}, 'allow'],
    [{ labels: LETHAL }, 'allow'],
    [{ labels: [...LETHAL, 'secret'], escalation: 2 }, 'allow'],
    [{ method: 'resources/read' }, 'allow'],
    [{ method: 'resources/read', labels: LETHAL }, 'allow'],
    [{ method: 'prompts/get' }, 'allow'],
    [{ method: 'completion/complete' }, 'allow'],
    // Everything else asks, once.
    [{ classes: ['write'] }, 'ask user'],
    [{ classes: ['destructive'] }, 'ask user'],
    [{ classes: ['financial'] }, 'ask user'],
    [{ classes: ['external_communication'] }, 'ask user'],
    [{ classes: ['credential_access'] }, 'ask user'],
    [{ classes: ['unclassified'] }, 'ask user'],
    [{ classes: [] }, 'ask user'],
    [{ classes: ['read', 'external_communication'] }, 'ask user'],
    [{ classes: ['read', 'write'] }, 'ask user'],
    [{ classes: ['destructive'], labels: LETHAL, escalation: 1 }, 'ask user'],
    [{ classes: ['write'], escalation: 2 }, 'deny guard.reading-only'],
    [{ method: 'resources/read', classes: ['credential_access'] }, 'ask user'],
    [{ method: 'resources/read', classes: ['external_communication'], labels: LETHAL }, 'ask user'],
    // Code runs in the sandbox or not at all.
    [{ on: 'code/execute_python', classes: ['code_execution'] }, 'ask user'],
    [{ on: 'shell/run', classes: ['code_execution'] }, 'deny guard.isolate-code personal.ask'],
    // What servers ask of the client.
    [{ method: 'elicitation/create' }, 'allow'],
    [{ method: 'roots/list' }, 'allow'],
    [{ method: 'sampling/createMessage' }, 'ask user'],
    [{ method: 'sampling/createMessage', labels: LETHAL }, 'ask user'],
    [{ method: 'sampling/createMessage', labels: ['secret'] }, 'deny guard.secret-by-class'],
    [{ method: 'elicitation/create', labels: ['secret'] }, 'allow'],
    // The guardrails come on top.
    [{ pin: 'drift' }, 'deny guard.pin-drift'],
    [{ pin: 'unpinned' }, 'deny guard.unpinned'],
    [{ classes: ['external_communication'], labels: ['secret'] }, 'deny guard.secret-by-class'],
  ],
);
