import { join } from 'node:path';
import { SHIPPED } from '../../src/policy/policies.ts';
import { testTable } from './table.ts';

const READ = ['untrusted'];

testTable(
  'strangers',
  [join(SHIPPED.examples, 'strangers.cedar')],
  [
    // Nothing of strangers was read.
    [{}, 'allow'],
    [{ classes: ['write'] }, 'allow'],
    [{ classes: ['external_communication'] }, 'allow'],
    [{ labels: ['private'], classes: ['external_communication'] }, 'allow'],
    // It was: reading goes on, changes ask.
    [{ labels: READ }, 'allow'],
    [{ labels: READ, method: 'resources/read' }, 'allow'],
    [{ labels: READ, classes: ['write'] }, 'ask user'],
    [{ labels: READ, classes: ['destructive'] }, 'ask user'],
    [{ labels: READ, classes: ['external_communication'] }, 'ask user'],
    [{ labels: READ, classes: ['credential_access'] }, 'ask user'],
    [{ labels: READ, classes: ['unclassified'] }, 'ask user'],
    // But for a step of a plan from before.
    [{ labels: READ, classes: ['write'], step: {} }, 'allow'],
    [{ labels: READ, classes: ['write'], step: { from: ['text'] } }, 'allow'],
    [{ labels: READ, classes: ['write'], step: { had: ['private'] } }, 'allow'],
    [{ labels: READ, classes: ['write'], step: { had: READ } }, 'ask user'],
    // What guardrails say of it holds as ever.
    [{ labels: READ, classes: ['destructive'], step: { from: ['text'] } }, 'ask user'],
    [{ labels: [...READ, 'private'], classes: ['external_communication'], step: {} }, 'ask user'],
    [
      { labels: [...READ, 'secret'], classes: ['external_communication'], step: {} },
      'deny guard.secret-by-class',
    ],
  ],
);
