import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/lib/package-root.ts';

// Ten times as many, on three versions of Node.js: npm run bench -- endurance
test('20,000 decisions do not abort the process', { timeout: 600_000 }, async () => {
  const script = join(packageRoot(), 'dist', 'test', 'policy', 'endure.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '20000']);
  assert.equal(stdout, '20000 decisions, 18000 allowed\n');
});
