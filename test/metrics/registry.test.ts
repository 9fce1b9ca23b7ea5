import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedFormat } from '../../src/metrics/accepted-format.ts';
import { createRegistry } from '../../src/metrics/registry.ts';
import { parseOpenMetrics, sampleOf } from '../support/openmetrics.ts';
import fc from '../support/property.ts';

const HELP = 'Things.';

test('a label holds any text, and the text stays one label', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // A server's name is of few characters; what a later label holds is not known.
      fc.pre(!/[\r\u2028\u2029]/u.test(text));
      const registry = createRegistry();
      registry.cell({ name: 'a', kind: 'gauge', help: HELP }, 1, { of: text });
      const [sample] = parseOpenMetrics(registry.render('openmetrics')).get('a')?.samples ?? [];
      assert.deepEqual([...(sample?.labels ?? [])], [['of', text]]);
    }),
  );
});

test('a histogram holds every observation in the lowest bucket that reaches it', () => {
  const bounds = [0.005, 0.1, 1, 30];
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (values) => {
      const registry = createRegistry();
      const observe = registry.histogram({
        name: 'a_seconds',
        kind: 'histogram',
        help: HELP,
        bounds,
      });
      for (const value of values) observe(value);
      const found = parseOpenMetrics(registry.render('openmetrics'));
      for (const [at, le] of ['0.005', '0.1', '1.0', '30.0'].entries())
        assert.equal(
          sampleOf(found, 'a_seconds_bucket', { le }),
          values.filter((value) => value <= (bounds[at] ?? 0)).length,
        );
      assert.equal(sampleOf(found, 'a_seconds_count'), values.length);
      assert.equal(
        sampleOf(found, 'a_seconds_sum'),
        values.reduce((sum, value) => sum + value, 0),
      );
    }),
  );
});

test('both formats show the same samples, and what has no value is not there', () => {
  const registry = createRegistry();
  registry.cell({ name: 'a', kind: 'counter', help: HELP }, 2, { x: 'y' });
  registry.cell({ name: 'b', kind: 'info', help: HELP }, 1, { version: '1' });
  registry.cell({ name: 'c', kind: 'gauge', help: HELP }, undefined);
  registry.cell({ name: 'd_bytes', kind: 'gauge', help: HELP }, 1e21);
  assert.equal(
    registry.render('openmetrics'),
    '# TYPE a counter\n# HELP a Things.\na_total{x="y"} 2\n' +
      '# TYPE b info\n# HELP b Things.\nb_info{version="1"} 1\n' +
      '# TYPE d_bytes gauge\n# UNIT d_bytes bytes\n# HELP d_bytes Things.\nd_bytes 1e+21\n# EOF\n',
  );
  assert.equal(
    registry.render('text'),
    '# HELP a_total Things.\n# TYPE a_total counter\na_total{x="y"} 2\n' +
      '# HELP b_info Things.\n# TYPE b_info gauge\nb_info{version="1"} 1\n' +
      '# HELP d_bytes Things.\n# TYPE d_bytes gauge\nd_bytes 1e+21\n',
  );
});

for (const [accept, want] of [
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/plain;version=0.0.4', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  ['application/openmetrics-text;version=0.0.1', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;q=0.3,text/plain;q=0.5', 'text'],
  ['Application/OpenMetrics-Text;Version=1.0.0;q=x', 'text'],
  // Prometheus 2 and 3.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    'openmetrics',
  ],
] as const)
  // prettier-ignore
  test(`a scraper that accepts ${accept ?? 'nothing'} gets ${want}`, () => {
    assert.equal(acceptedFormat(accept), want);
  });
