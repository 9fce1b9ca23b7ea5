import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createGatewayMetrics } from '../../src/metrics/gateway-metrics.ts';
import { OUTCOMES } from '../../src/metrics/outcomes.ts';
import { observeProcess } from '../../src/metrics/process.ts';
import { createRegistry } from '../../src/metrics/registry.ts';
import { parseOpenMetrics } from '../support/openmetrics.ts';
import { ROOT } from './blocks.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'metrics.md'), 'utf8');

/** Names and labels of every series, as a gateway with one server has them. */
function served(): Map<string, Set<string>> {
  const registry = createRegistry();
  const { watch } = createGatewayMetrics({ registry, servers: ['a'], clock: () => 0 });
  watch('stdio').up('a');
  observeProcess(registry, '0')();
  const found = new Map<string, Set<string>>();
  for (const [family, { type, samples }] of parseOpenMetrics(registry.render('openmetrics')))
    for (const { name, labels } of samples) {
      const known = type === 'histogram' ? family : name;
      const own = [...labels.keys()].filter((label) => label !== 'le');
      found.set(known, new Set([...(found.get(known) ?? []), ...own]));
    }
  return found;
}

const words = (text: string): string[] =>
  [...text.matchAll(/`(\w+)`/gu)].map(([, word = '']) => word);

test('the page names every metric with its labels, and no other', () => {
  const table = /## Names\n([\s\S]*?)\nA call has/u.exec(PAGE)?.[1] ?? '';
  const listed = table.split('\n').flatMap((row) => {
    const [, names = '', labels = ''] = row.split('|');
    return words(names).map((name) => [name, words(labels)] as const);
  });
  const have = [...served()].map(([name, labels]) => [name, [...labels]] as const);
  assert.deepEqual(new Map(listed), new Map(have));
});

test('expressions and outcomes on the page are of what is served', () => {
  for (const [name] of PAGE.matchAll(/\bsallyport_\w+/gu))
    assert.ok(served().has(name.replace(/_(?:bucket|sum|count)$/u, '')), name);
  const rows = [...PAGE.matchAll(/^\| `(failed|withheld)` \| (.*?) \|/gmu)];
  const said = rows.flatMap(([, outcome, codes = '']) =>
    [...codes.matchAll(/`([\w-]+)`/gu)].map(([, code]) => [code, outcome]),
  );
  const want = Object.entries(OUTCOMES).filter(([, outcome]) => outcome !== 'denied');
  assert.deepEqual(Object.fromEntries(said), Object.fromEntries(want));
});
