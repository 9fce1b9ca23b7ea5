import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readConfigText } from '../../src/config/load.ts';
import { ConfigFault } from '../../src/config/problem.ts';
import { vectors } from '../support/vectors.ts';

const ENV = { HOME: '/home/alice' };

for (const { name, expect, source, text } of vectors('config'))
  test(`${name}: ${source}`, () => {
    const problems = problemsOf(text, name.endsWith('.json') ? '/etc/s.json' : '/etc/s.yaml');
    const wanted = expect.filter((line) => line !== 'ok');
    assert.equal(problems.length, wanted.length, problems.join('\n'));
    for (const [at, problem] of problems.entries())
      assert.ok(problem.includes(wanted[at] ?? '?'), `${problem}\nwanted ${wanted[at]}`);
  });

function problemsOf(text: string, file: string): string[] {
  try {
    readConfigText(text, file, ENV);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigFault, String(error));
    assert.equal(error.exit, 2);
    return error.problems.map(({ line, column, message }) =>
      line === undefined ? message : `${line}:${column} ${message}`,
    );
  }
}
