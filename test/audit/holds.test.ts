import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { holds } from '../../src/audit/lines.ts';
import { scratch } from '../support/scratch.ts';

const MARK = '"event":"kill"';
const PIECE = 1_048_576;

test('a text is found wherever it stands in a file, also where pieces of it meet', async (context) => {
  const path = join(await scratch(context), 'segment');
  for (const before of [0, 1, PIECE - 20, PIECE - 7, PIECE, 2 * PIECE - 1, 3 * PIECE + 5])
    for (const after of [0, 1, PIECE]) {
      writeFileSync(path, 'x'.repeat(before) + MARK + 'x'.repeat(after));
      assert.ok(holds(path, MARK), `${before} before, ${after} after`);
    }
});

test('a text is not found that is not there, or there in part', async (context) => {
  const path = join(await scratch(context), 'segment');
  for (const text of [
    '',
    'x'.repeat(PIECE),
    `${'x'.repeat(PIECE - 5)}"event":"kil`,
    '"event": "kill"',
  ]) {
    writeFileSync(path, text);
    assert.ok(!holds(path, MARK));
  }
});
