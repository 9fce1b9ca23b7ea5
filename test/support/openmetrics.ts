import assert from 'node:assert/strict';

export type Sample = {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
};
export type ParsedFamily = {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
};

type Open = { type: string; help: string; unit: string; samples: Sample[] };

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  info: ['_info'],
};
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/u;
const SAMPLE = /^([^ {]+)(?:\{(.*)\})? (\S+)$/u;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/uy;
const NUMBER = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/u;

/** Reads an exposition as OpenMetrics 1.0 wants it to be, and throws at whatever it does not allow. */
export function parseOpenMetrics(text: string): ReadonlyMap<string, ParsedFamily> {
  assert.ok(text.endsWith('\n# EOF\n'), 'it ends with its mark');
  const families = new Map<string, Open>();
  let name = '';
  for (const line of text.slice(0, -'# EOF\n'.length).trimEnd().split('\n')) {
    const [, keyword = '', of = '', rest = ''] =
      /^# (TYPE|UNIT|HELP) (\S+) (.+)$/u.exec(line) ?? [];
    if (keyword === '') {
      families.get(name)?.samples.push(readSample(line));
      assert.notEqual(name, '', 'a sample has a family');
      continue;
    }
    if (of !== name) {
      assert.ok(!families.has(of), `${of} is in one piece`);
      assert.match(of, NAME);
      name = of;
      families.set(of, { type: '', help: '', unit: '', samples: [] });
    }
    const family = families.get(of) ?? assert.fail();
    assert.equal(family.samples.length, 0, 'what is said of a family comes first');
    const key = keyword === 'TYPE' ? 'type' : keyword === 'UNIT' ? 'unit' : 'help';
    assert.equal(family[key], '', `${keyword} of ${of} is said once`);
    family[key] = rest;
  }
  for (const [of, family] of families) checkFamily(of, family);
  return families;
}

/** The value of the one sample with these labels; undefined: there is none. */
export function sampleOf(
  families: ReadonlyMap<string, ParsedFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const all = [...families.values()].flatMap(({ samples }) => samples);
  const found = all.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value),
  );
  assert.ok(found.length < 2, `${name} ${JSON.stringify(labels)} is one series`);
  return found[0]?.value;
}

function readSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? assert.fail(line);
  assert.match(value, NUMBER, line);
  return { name, labels: readLabels(labels), value: Number(value.replace('Inf', 'Infinity')) };
}

function readLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, label = '', value = ''] = LABEL.exec(text) ?? assert.fail(text);
    assert.ok(!labels.has(label), `${label} stands once`);
    labels.set(
      label,
      value.replaceAll(/\\(.)/gu, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    );
  }
  return labels;
}

function checkFamily(name: string, { type, help, unit, samples }: Open): void {
  assert.notEqual(help, '', `${name} has a help`);
  if (unit !== '') assert.ok(name.endsWith(`_${unit}`), `the unit of ${name} ends it`);
  assert.ok(!name.endsWith('_total') && !name.endsWith('_info'), name);
  const suffixes = SUFFIXES[type] ?? assert.fail(`${name} is of no known type: ${type}`);
  const seen = new Set<string>();
  for (const sample of samples) {
    assert.ok(
      suffixes.some((suffix) => sample.name === `${name}${suffix}`),
      `${sample.name} is one of ${name}`,
    );
    const key = `${sample.name}${keyOf(sample.labels)}`;
    assert.ok(!seen.has(key), `${key} is there once`);
    seen.add(key);
    if (type !== 'gauge') assert.ok(sample.value >= 0, key);
    if (type === 'info') assert.equal(sample.value, 1);
  }
  if (type === 'histogram') checkHistogram(name, samples);
}

/** Each one: bounds ascend to +Inf, counts grow with them, the last is the count. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const rest = samples.filter((sample) => !sample.labels.has('le'));
  for (const count of rest.filter((sample) => sample.name === `${name}_count`)) {
    const own = keyOf(count.labels);
    const buckets = samples.filter(({ labels }) => labels.has('le') && keyOf(labels, 'le') === own);
    const bounds = buckets.map(({ labels }) => labels.get('le') ?? '');
    for (const bound of bounds) assert.match(bound, /^(?:\d+\.\d+|\d+(?:\.\d+)?e[+-]\d+|\+Inf)$/u);
    const numbers = bounds.map((bound) => Number(bound.replace('Inf', 'Infinity')));
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].toSorted((a, b) => a - b),
      name,
    );
    assert.equal(numbers.at(-1), Number.POSITIVE_INFINITY);
    const counts = buckets.map(({ value }) => value);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
      `${name} is cumulative`,
    );
    assert.equal(counts.at(-1), count.value);
    assert.ok(rest.some((sample) => sample.name === `${name}_sum` && keyOf(sample.labels) === own));
  }
}

function keyOf(labels: ReadonlyMap<string, string>, without = ''): string {
  const own = [...labels].filter(([label]) => label !== without).map((pair) => pair.join('='));
  return JSON.stringify(own.toSorted());
}
