import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFINITION_KINDS, definitionId, type Kind } from '../../src/catalogue/definition.ts';
import { createAllSuspicions } from '../../src/catalogue/suspect/all-suspicions.ts';
import { mentionsOf } from '../../src/catalogue/suspect/mentions.ts';
import { createNearNames } from '../../src/catalogue/suspect/near-names.ts';
import type { Suspicion } from '../../src/catalogue/suspect/suspicion.ts';
import { suspiciousTexts } from '../../src/catalogue/suspect/texts.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../src/lib/json.ts';
import { createScanJson } from '../../src/scan/scan-json.ts';
import { createScan } from '../../src/scan/scan.ts';
import { readVectors } from '../scan/vectors.ts';
import { processorMs } from '../support/processor-time.ts';
import { realTools } from '../support/real-tools.ts';

const CHECKS: readonly Suspicion['check'][] = [
  'hidden-text',
  'control',
  'draws-context',
  'shadowing',
  'mention',
  'poses-as',
  'look-alike',
  'same-name',
];
const vectors = readVectors('catalogue/definitions');
const quiet = { verdict: 'pass' } as const;

function kindOf(name: string | undefined): Kind {
  assert.ok(name !== undefined && name in DEFINITION_KINDS);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked up in the line before
  return name as Kind;
}

function toolsOf(list: string): { server: string; name: string }[] {
  return list.split(' ').map((written) => {
    const [server = '', name = ''] = written.split('/');
    return { server, name };
  });
}

test('every check has a definition that it finds, and one is quiet', () => {
  const expected = vectors.map(({ header }) => header['expect'] ?? '');
  for (const check of CHECKS)
    assert.ok(
      expected.some((words) => words.split(' ')[1] === check),
      check,
    );
  assert.ok(expected.includes('quiet'));
});

for (const { name, header, text } of vectors)
  test(`definition ${name} is: ${header['expect']}`, () => {
    const definition = parseJson(Buffer.from(text), { maxBytes: 65_536, maxDepth: 16 });
    assert.ok(isJsonObject(definition));
    const find = createAllSuspicions({
      tools: [
        ...toolsOf(header['neighbours'] ?? ''),
        { server: 'evil', name: definitionId('tool', definition) },
      ],
      separator: '__',
      scanDefinition: () => quiet,
    });
    const found = find('evil', kindOf(header['kind']), definition).map(
      ({ check, pointer, grave }) => `${grave ? 'grave' : 'note'} ${check} ${pointer}`,
    );
    const want = header['expect'] ?? '';
    if (want === 'quiet') assert.deepEqual(found, []);
    else assert.ok(found.includes(want), found.join('\n'));
    if (!want.startsWith('grave')) assert.ok(!found.some((one) => one.startsWith('grave')));
  });

describe('the tools of real servers, all behind one gate', () => {
  test('none of them is kept back, and what a person is told is this', async (context) => {
    const servers = await realTools(context);
    const scanJson = createScanJson(createScan({ mark: 0.5, block: 0.9 }));
    const find = createAllSuspicions({
      tools: [...servers].flatMap(([server, tools]) =>
        tools.map((tool) => ({ server, name: definitionId('tool', tool) })),
      ),
      separator: '__',
      scanDefinition: (definition) => scanJson(definition, 'tool-description'),
    });
    const told = [...servers].flatMap(([server, tools]) =>
      tools.flatMap((tool) =>
        find(server, 'tool', tool).map(
          ({ check, grave, pointer }) =>
            `${grave ? '!! ' : ''}${check} ${server}/${definitionId('tool', tool)}${pointer}`,
        ),
      ),
    );
    assert.deepEqual(told, []);
  });
});

const A = 'a'.repeat(60_000);
const HOSTILE: Readonly<Record<string, JsonObject>> = {
  'one long name': { name: 'x', description: 'a_'.repeat(60_000) },
  'one long word': { name: 'x', description: A },
  'words without end': { name: 'x', description: 'read file tool '.repeat(8000) },
  'tools without names': { name: 'x', description: ' tool'.repeat(24_000) },
  'quotation marks': { name: 'x', description: 'call `'.repeat(20_000) },
  'what shall be passed': {
    name: 'x',
    inputSchema: { description: 'include the conversation '.repeat(5000) },
  },
  'letters of another script': { name: 'x', description: 'а'.repeat(60_000) },
};

for (const [what, definition] of Object.entries(HOSTILE))
  test(`a definition of 120 KB costs less than two seconds of a processor: ${what}`, () => {
    assert.ok(
      processorMs(() => {
        suspiciousTexts(definition);
        mentionsOf(definition);
      }) < 2000,
    );
  });

test('5,000 names are compared in less than five seconds of a processor', () => {
  const tools = Array.from({ length: 5000 }, (_, at) => ({
    server: `s${at % 20}`,
    name: `tool_number_${at}`,
  }));
  assert.ok(
    processorMs(() => {
      const near = createNearNames(tools);
      for (const { server, name } of tools) near(server, name);
    }) < 5000,
  );
});
