import { join } from 'node:path';
import { SHIPPED } from '../../src/policy/policies.ts';
import { testTable } from './table.ts';

const ENG = ['eng'];
const SUPPORT = ['support'];

testTable(
  'examples/team',
  [join(SHIPPED.examples, 'team.cedar')],
  [
    [{}, 'deny'],
    [{ groups: ENG }, 'allow'],
    [{ groups: ENG, classes: ['write'] }, 'allow'],
    [{ groups: ENG, classes: ['read', 'external_communication'] }, 'deny'],
    [{ groups: ENG, classes: ['destructive'] }, 'ask user'],
    [{ groups: ENG, classes: ['financial'], authAge: 60 }, 'deny'],
    [{ groups: ENG, on: 'code/run', classes: ['code_execution'] }, 'deny'],
    [{ groups: ENG, on: 'mail/send' }, 'deny'],
    [{ groups: ENG, on: 'tickets/list', classes: ['read', 'external_communication'] }, 'allow'],
    [{ groups: ENG, on: 'tickets/pay', classes: ['financial'], authAge: 60 }, 'allow'],
    [
      { groups: ENG, on: 'tickets/pay', classes: ['financial'], authAge: 901 },
      'deny team.financial-fresh-login',
    ],
    [{ groups: ENG, on: 'tickets/pay', classes: ['financial'] }, 'deny team.financial-fresh-login'],
    [{ groups: SUPPORT, on: 'tickets/list' }, 'allow'],
    [{ groups: SUPPORT, on: 'tickets/list', at: '2026-11-25T07:59:59Z' }, 'deny'],
    [{ groups: SUPPORT, on: 'tickets/list', at: '2026-11-25T08:00:00Z' }, 'allow'],
    [{ groups: SUPPORT, on: 'tickets/list', at: '2026-11-25T18:00:00Z' }, 'deny'],
    [{ groups: SUPPORT, on: 'tickets/close', classes: ['write'] }, 'deny'],
    [
      { groups: SUPPORT, on: 'tickets/add_comment', classes: ['write', 'external_communication'] },
      'allow',
    ],
    [{ groups: SUPPORT, on: 'files/list' }, 'deny'],
    [{ groups: ENG, method: 'prompts/get' }, 'allow'],
    [{ groups: SUPPORT, method: 'prompts/get' }, 'deny'],
    [{ groups: SUPPORT, method: 'elicitation/create' }, 'allow'],
    [{ groups: SUPPORT, method: 'roots/list' }, 'allow'],
    [{ groups: ENG, method: 'sampling/createMessage' }, 'deny'],
  ],
);
