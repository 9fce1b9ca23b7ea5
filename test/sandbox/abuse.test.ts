import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { packageRoot } from '../../src/lib/package-root.ts';
import { isLanguage } from '../../src/sandbox/languages.ts';
import { GRACE_MS } from '../../src/sandbox/limits.ts';
import type { RunResult } from '../../src/sandbox/sandbox.ts';
import { containersLeft, noDocker, openSandbox, run } from './support.ts';

const FOLDER = join(packageRoot(), 'test/vectors/sandbox');

type Vector = {
  readonly name: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly code: string;
};

/** `expect: held` wants the word `held` from the program, `ended A|B` one of these endings; `BREACH` is never fine. */
function readVector(file: string): Vector {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const end = text.indexOf('\n\n');
  const headers = text
    .slice(0, end)
    .split('\n')
    .map((line): [string, string] => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    });
  return { name: file.slice(0, -4), headers: new Map(headers), code: text.slice(end + 2) };
}

function check({ headers }: Vector, result: RunResult): void {
  const seen = JSON.stringify({ ...result, stdout: result.stdout.slice(-2000) }, null, 1);
  assert.doesNotMatch(result.stdout, /BREACH/, seen);
  const expected = headers.get('expect') ?? '';
  const held = expected.startsWith('held') && /^held/m.test(result.stdout);
  const endings = /ended (\S+)$/.exec(expected)?.[1]?.split('|') ?? [];
  assert.ok(held || endings.includes(result.ended), `expected ${expected}: ${seen}`);
  const exitCode = headers.get('exitCode');
  if (exitCode !== undefined) assert.equal(result.exitCode, Number(exitCode), seen);
}

const REMOVAL_MS = 240_000;

describe('abuse', { skip: noDocker, concurrency: 3 }, () => {
  const said: string[] = [];
  const sandbox = openSandbox({ log: (line) => said.push(line) });
  const ids: string[] = [];

  for (const vector of readdirSync(FOLDER).map(readVector))
    test(`${vector.name} is contained`, async () => {
      const language = vector.headers.get('language') ?? '';
      assert.ok(isLanguage(language));
      const timeoutMs = Number(vector.headers.get('timeoutMs') ?? 60_000);
      const result = await run(sandbox, { language, code: vector.code, timeoutMs });
      ids.push(result.sandboxId);
      check(vector, result);
      // That much a busy machine may take to end it.
      assert.ok(result.durationMs < timeoutMs + GRACE_MS);
    });

  after(async () => {
    const { stdout } = await run(sandbox, { language: 'bash', code: 'echo still here' });
    await sandbox.close();
    assert.equal(stdout, 'still here\n');
    // A removal that a busy engine says is in progress may outlast our patience; it still has to come to its end.
    const deadline = performance.now() + REMOVAL_MS;
    let left = await containersLeft(ids);
    while (left.length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      left = await containersLeft(ids);
    }
    assert.deepEqual(left, [], said.join('\n'));
  });
});
