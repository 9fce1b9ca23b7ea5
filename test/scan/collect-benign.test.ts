import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectBenign } from '../../src/scan/train/collect-benign.ts';

test('texts come from packages with permissive licences, and from no other', () => {
  const root = mkdtempSync(join(tmpdir(), 'collect-'));
  try {
    for (const [name, license] of [
      ['free', 'MIT'],
      ['@scope/also', 'Apache-2.0'],
      ['closed', 'UNLICENSED'],
      ['copyleft', 'GPL-3.0'],
      ['silent', undefined],
    ] as const) {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ name, version: '1.0.0', license }),
      );
      writeFileSync(join(folder, 'README.md'), `About ${name}. `.repeat(20));
    }
    const texts = collectBenign(root).filter(({ what }) => what === 'readme');
    assert.deepEqual(
      texts.map(({ source, license }) => [source, license]),
      [
        ['@scope/also@1.0.0', 'Apache-2.0'],
        ['free@1.0.0', 'MIT'],
      ],
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('the packages of this project give texts of every kind', () => {
  const kinds = new Set(collectBenign('node_modules').map(({ what }) => what));
  assert.deepEqual([...kinds].toSorted(), ['changelog', 'comment', 'json', 'readme']);
});
