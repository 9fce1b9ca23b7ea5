import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CHANNELS } from '../../src/scan/channel.ts';
import { RULES } from '../../src/scan/rules.ts';
import { createScan } from '../../src/scan/scan.ts';
import { readVectors } from './vectors.ts';

const scan = createScan({ mark: 0.5, block: 0.9 });
const vectors = readVectors('scan/rules');

test('every rule that weighs something has a text it finds and one it leaves alone', () => {
  for (const { id } of RULES.filter(({ weight }) => weight > 0))
    for (const expect of [`rule ${id}`, `no ${id}`])
      assert.ok(
        vectors.some(({ header }) => header['expect'] === expect),
        `no vector expects "${expect}"`,
      );
});

for (const { name, header, text } of vectors)
  test(`rule vector ${name}`, () => {
    const [want, rule] = (header['expect'] ?? '').split(' ');
    const channel = CHANNELS.find((known) => known === header['channel']) ?? 'tool-output';
    const { findings, verdict } = scan(text, channel);
    assert.equal(
      findings.some((finding) => finding.rule === rule),
      want === 'rule',
      JSON.stringify(findings),
    );
    if (want === 'no') assert.equal(verdict, 'pass');
  });

const RANK = { pass: 0, mark: 1, block: 2 } as const;

for (const { name, header, text } of [
  ...readVectors('scan/attacks'),
  ...readVectors('scan/benign'),
])
  test(`text ${name} is: ${header['expect']}`, () => {
    const channel = CHANNELS.find((known) => known === header['channel']);
    assert.ok(channel);
    const { verdict, findings } = scan(text, channel);
    const want = header['expect'] ?? '';
    if (want === 'pass') assert.equal(verdict, 'pass', JSON.stringify(findings));
    else if (want === 'at-most mark') assert.notEqual(verdict, 'block', JSON.stringify(findings));
    else
      assert.ok(
        RANK[verdict] >= (want === 'block' ? 2 : 1),
        `${verdict} ${JSON.stringify(findings)}`,
      );
  });
