import { z } from 'zod';
import { changes, gets, type Part } from './part.ts';

const word = z.string().max(4000);

/** A build machine: what would run there is written down. */
export const runner: Part = {
  sql: `
    CREATE TABLE runs (id INTEGER PRIMARY KEY, command TEXT);
    CREATE TABLE deployments (id INTEGER PRIMARY KEY, branch TEXT);`,
  tools: {
    test_results: gets(
      { description: 'Gets the results of the last test run.' },
      { passed: z.int(), failed: z.int() },
      'SELECT 212 AS passed, 0 AS failed',
    ),
    run_command: changes(
      { description: 'Runs a shell command.', input: { command: word } },
      'INSERT INTO runs (command) VALUES (:command)',
    ),
    deploy: changes(
      { description: 'Deploys a branch.', input: { branch: word } },
      'INSERT INTO deployments (branch) VALUES (:branch)',
    ),
  },
  resources: {},
};
