import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { questionsOf } from '../../src/scan/train/grammar/attack.ts';
import { expand } from '../../src/scan/train/grammar/expand.ts';
import { generateRows } from '../../src/scan/train/grammar/generate.ts';
import { GOALS, TOPICS } from '../../src/scan/train/grammar/language.ts';
import { LANGUAGES } from '../../src/scan/train/grammar/languages/index.ts';
import { createRandom } from '../../src/scan/train/grammar/random.ts';
import { REGISTERS } from '../../src/scan/train/grammar/registers/index.ts';
import { createVoice } from '../../src/scan/train/grammar/voice.ts';

const SIZE = { injections: 6000, benign: 6000 };
const rows = generateRows({ seed: 1, ...SIZE });
const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

test('the same seed gives the same bytes, another seed others', () => {
  assert.equal(digest(generateRows({ seed: 1, ...SIZE })), digest(rows));
  assert.notEqual(digest(generateRows({ seed: 2, ...SIZE })), digest(rows));
});

test('no text comes twice, and there are as many as were asked for', () => {
  assert.equal(new Set(rows.map(({ text }) => text)).size, rows.length);
  for (const [kind, count] of [
    ['injection', SIZE.injections],
    ['benign', SIZE.benign],
  ] as const)
    assert.equal(rows.filter((row) => row.kind === kind).length, count);
});

test('the labelled span stands where the row says and is neither empty nor unfilled', () => {
  for (const { id, text, meta } of rows) {
    assert.equal(text.slice(meta.start, meta.end), meta.payload, id);
    assert.ok(meta.payload.trim() !== '', id);
    assert.doesNotMatch(
      text,
      /\{(?:do|to|do2|quote|secret|deliver|name|mail|url|tool)2?\}|[\uE000\uE001]/,
      id,
    );
  }
});

test('every language has attacks in every register and of every goal', () => {
  const cells = new Set(
    rows
      .filter(({ kind }) => kind === 'injection')
      .map(({ meta }) => `${meta.lang} ${meta.register} ${meta.goal}`),
  );
  for (const { code } of LANGUAGES)
    for (const register of REGISTERS)
      for (const goal of GOALS)
        assert.ok(
          cells.has(`${code} ${register.name} ${goal}`),
          `${code} ${register.name} ${goal}`,
        );
});

test('texts are in the script of their language', () => {
  for (const [code, script] of Object.entries(SCRIPTS)) {
    const texts = rows.filter(({ meta }) => meta.lang === code && meta.register === 'message');
    const inScript = texts.filter(({ meta }) => script.test(meta.payload));
    assert.ok(inScript.length > texts.length * 0.98, code);
  }
});

test('the shapes that attacks are dressed in stand around harmless texts too', () => {
  for (const shape of [
    /<\|start_header_id\|>/,
    /<start_of_turn>/,
    /\bArgs:/,
    /@param/,
    /\bQ: .{1,200}A: /,
  ])
    for (const kind of ['injection', 'benign'] as const)
      assert.ok(
        rows.some((row) => row.kind === kind && shape.test(row.meta.payload)),
        `${kind} ${shape}`,
      );
});

test('a twin says words of its attack and is harmless', () => {
  const attacks = new Map(rows.map((row) => [row.id, row]));
  const twins = rows.filter(({ meta }) => meta.twin !== undefined);
  assert.ok(twins.length > SIZE.benign / 6);
  for (const twin of twins) {
    const attack = attacks.get(twin.meta.twin ?? '');
    assert.equal(attack?.kind, 'injection');
    assert.equal(twin.kind, 'benign');
    assert.equal(twin.meta.lang, attack.meta.lang);
    assert.equal(twin.meta.register, attack.meta.register);
  }
});

for (const language of LANGUAGES)
  test(`${language.code}: every pattern can be said, and none stands twice`, () => {
    const { goals, benign } = language;
    const { asks, pretexts, wonders } = questionsOf(language);
    const lists = {
      ...goals,
      ...benign,
      openings: language.openings,
      overrides: language.overrides,
      frames: language.frames,
      notes: language.notes,
      reasons: language.reasons,
      hides: language.hides,
      people: language.people,
      reports: language.reports,
      quoting: language.quoting,
      everyday: language.everyday,
      asks,
      pretexts,
      wonders,
    };
    const voice = createVoice(language, createRandom(3));
    const given = { do: 'do it', do2: 'do that', to: 'do it', quote: 'do it' };
    for (const [name, patterns] of Object.entries(lists)) {
      assert.ok(patterns.length > 0, name);
      if (name !== 'frames') assert.equal(new Set(patterns).size, patterns.length, name);
      for (const pattern of patterns) {
        for (const form of ['do', 'to'] as const) {
          const said = voice.say(pattern, form, given);
          assert.ok(said.length > 2, pattern);
          assert.doesNotMatch(said, /[[(][^\])\n]*\|[^\])\n]*[\])]/, pattern);
        }
      }
    }
    for (const topic of TOPICS) assert.ok(benign[topic].length > 0, topic);
  });

for (const language of LANGUAGES)
  test(`${language.code}: each goal has enough sentences of its own`, () => {
    const random = createRandom(5);
    const least = language.code === 'en' ? 60 : 12;
    for (const goal of GOALS) {
      const said = language.goals[goal].flatMap((pattern) =>
        Array.from({ length: 40 }, () => expand(pattern, 'do', random, (slot) => slot)),
      );
      assert.ok(new Set(said).size >= least, `${goal}: ${new Set(said).size}`);
    }
  });

test('no row shares a run of eight words with the texts of the evaluation', () => {
  const folder = process.env['EVALUATION_CORPORA'];
  const kept =
    folder === undefined
      ? textsOf(new URL('../../../test/scan/kept-apart/texts.jsonl', import.meta.url))
      : KEPT_APART.flatMap((name) =>
          readdirSync(folder)
            .filter((file) => file.startsWith(name))
            .flatMap((file) => textsOf(`${folder}/${file}`)),
        );
  assert.ok(kept.length > 200);
  const forbidden = new Set(kept.flatMap(runs));
  for (const { text } of rows) for (const run of runs(text)) assert.ok(!forbidden.has(run), run);
});

const SCRIPTS = {
  ru: /\p{Script=Cyrillic}/u,
  uk: /\p{Script=Cyrillic}/u,
  ar: /\p{Script=Arabic}/u,
  hi: /\p{Script=Devanagari}/u,
  zh: /\p{Script=Han}/u,
  ja: /\p{Script=Hiragana}/u,
  ko: /\p{Script=Hangul}/u,
};
const Text = z.object({ text: z.string() });
const KEPT_APART = [
  'agentdojo',
  'agt_smoke',
  'asb',
  'cse_pi',
  'deepset',
  'garak',
  'injecagent',
  'mitre',
  'notinject',
  'verazuo',
];

function textsOf(file: string | URL): string[] {
  const bytes = readFileSync(file);
  const text = String(file).endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  return text
    .trim()
    .split('\n')
    .map((line) => Text.parse(JSON.parse(line)).text);
}

/** Every eight words in a row. */
function runs(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}_']+/gu) ?? [];
  return words.slice(7).map((_, start) => words.slice(start, start + 8).join(' '));
}
