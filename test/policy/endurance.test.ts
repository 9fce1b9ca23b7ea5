import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/lib/package-root.ts';

test('200,000 decisions do not abort the process', { timeout: 600_000 }, async () => {
  const script = join(packageRoot(), 'dist', 'test', 'policy', 'endure.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '200000']);
  assert.equal(stdout, '200000 decisions, 180000 allowed\n');
});
