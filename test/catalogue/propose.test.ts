import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from '../support/property.ts';
import { CLASSES } from '../../src/call.ts';
import { definitionId } from '../../src/catalogue/definition.ts';
import { propose } from '../../src/catalogue/propose.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { listRealTools } from './support/servers.ts';

const vectors = join(packageRoot(), 'test', 'vectors', 'catalogue');

/** name: classes / data class / source / sink; `-` for none. */
const REAL = {
  everything: `
    echo: read / 1 / - / -
    get-annotated-message: read / 2 / private untrusted / -
    get-env: credential_access / 3 / secret / -
    get-resource-links: read / 1 / - / -
    get-resource-reference: read / 1 / - / -
    get-roots-list: read / 1 / - / -
    get-structured-content: read / 1 / - / -
    get-sum: read / 1 / - / -
    get-tiny-image: read / 1 / - / -
    gzip-file-as-resource: write external_communication unclassified / 2 / private untrusted / code destroy external pay
    simulate-research-query: write unclassified / 1 / - / code destroy external pay
    toggle-simulated-logging: write / 1 / - / -
    toggle-subscriber-updates: write / 1 / - / -
    trigger-elicitation-request: write / 1 / untrusted / -
    trigger-long-running-operation: write / 1 / - / -
    trigger-sampling-request: write external_communication / 1 / untrusted / external`,
  filesystem: `
    create_directory: write / 1 / untrusted / -
    directory_tree: read / 2 / private untrusted / -
    edit_file: write destructive / 1 / untrusted / destroy
    get_file_info: read / 2 / private untrusted / -
    list_allowed_directories: read / 2 / private untrusted / -
    list_directory: read / 2 / private untrusted / -
    list_directory_with_sizes: read / 2 / private untrusted / -
    move_file: write destructive / 1 / untrusted / destroy
    read_file: read / 2 / private untrusted / -
    read_media_file: read / 2 / private untrusted / -
    read_multiple_files: read / 2 / private untrusted / -
    read_text_file: read / 2 / private untrusted / -
    search_files: read / 2 / private untrusted / -
    write_file: write destructive / 1 / untrusted / destroy`,
  memory: `
    add_observations: write / 1 / untrusted / -
    create_entities: write / 1 / untrusted / -
    create_relations: write / 1 / untrusted / -
    delete_entities: destructive / 1 / untrusted / destroy
    delete_observations: destructive / 1 / untrusted / destroy
    delete_relations: destructive / 1 / untrusted / destroy
    open_nodes: read / 2 / private untrusted / -
    read_graph: read / 2 / private untrusted / -
    search_nodes: read / 2 / private untrusted / -`,
} as const;

function words(list: readonly string[]): string {
  return list.join(' ') || '-';
}

function row(tool: JsonObject): string {
  const { classes, dataClass, source, sink } = propose('tool', tool);
  return `${definitionId('tool', tool)}: ${words(classes)} / ${dataClass} / ${words(source)} / ${words(sink)}`;
}

for (const server of ['everything', 'filesystem', 'memory'] as const)
  test(`the real tools of server-${server} are proposed as reviewed here`, async () => {
    const tools = await listRealTools(server, ...(server === 'filesystem' ? [tmpdir()] : []));
    const wanted = REAL[server].trim().split(/\n\s*/u);
    assert.deepEqual(tools.map((tool) => row(tool)).toSorted(), wanted);
  });

describe('names alone', () => {
  const text = readFileSync(join(vectors, 'tool-names.txt'), 'utf8')
    .split('\n\n')
    .slice(1)
    .join('\n');
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  test('the table is there', () => assert.ok(rows.length > 150));
  for (const line of rows) {
    const [name = '', expected = ''] = line.split(': ');
    test(`${name} is at least ${expected}`, () => {
      const { classes } = propose('tool', { name });
      const wanted = expected.split(' ');
      assert.deepEqual(
        wanted.filter((one) => !classes.some((found) => found === one)),
        [],
      );
      if (expected === 'read') assert.deepEqual(classes, ['read']);
      else assert.notDeepEqual(classes, ['read']);
    });
  }
});

const readOnly = { readOnlyHint: true, destructiveHint: false, openWorldHint: false };
const argument = (name: string, more: JsonObject = {}): JsonObject => ({
  inputSchema: { type: 'object', properties: { [name]: { type: 'string', ...more } } },
});
for (const [promise, tool, want] of [
  [
    'an annotation cannot make a deletion harmless',
    { name: 'delete_all', annotations: readOnly },
    'destructive',
  ],
  [
    'an annotation cannot make an environment harmless',
    { name: 'get-env', annotations: readOnly },
    'credential_access',
  ],
  [
    'an annotation alone explains nothing',
    { name: 'frobnicate', annotations: readOnly },
    'unclassified',
  ],
  [
    'a quiet name is believed with its annotation',
    { name: 'directory_tree', annotations: readOnly },
    'read',
  ],
  ['a quiet name is not believed alone', { name: 'directory_tree' }, 'unclassified'],
  [
    'a reader that says it writes, writes',
    { name: 'get_x', annotations: { readOnlyHint: false, destructiveHint: false } },
    'write',
  ],
  [
    'MCP: not read-only is destructive by default',
    { name: 'update_x', annotations: { readOnlyHint: false } },
    'write destructive',
  ],
  [
    'what only adds is not destructive by default',
    { name: 'create_x', annotations: { readOnlyHint: false } },
    'write',
  ],
  [
    'a contradiction is the worse half',
    { name: 'get_x', annotations: { readOnlyHint: true, destructiveHint: true } },
    'destructive',
  ],
  [
    'an open world is outside',
    { name: 'search_x', annotations: { readOnlyHint: true, openWorldHint: true } },
    'external_communication',
  ],
  [
    'annotations that are no object say nothing',
    { name: 'get_x', annotations: 'readOnly' },
    'read',
  ],
  [
    'a description that deletes',
    { name: 'get_x', description: 'Deletes a user, then returns it.' },
    'destructive',
  ],
  [
    'a description that also sends',
    { name: 'get_x', description: 'Gets a row and sends it to the owner' },
    'external_communication',
  ],
  [
    'a tool for something',
    { name: 'get_x', description: 'Use this tool to delete rows' },
    'destructive',
  ],
  [
    'a description cannot lower',
    { name: 'frobnicate', description: 'Reads a file' },
    'unclassified',
  ],
  [
    'a description cannot hide a name',
    { name: 'drop_table', description: 'Reads a file' },
    'destructive',
  ],
  [
    'a description that returns passwords',
    { name: 'get_x', description: 'Returns stored passwords' },
    'credential_access',
  ],
  [
    'SQL in an argument is code',
    { name: 'query', ...argument('sql') },
    'code_execution unclassified',
  ],
  [
    'SQL in a query is code',
    {
      name: 'read_query',
      description: 'Execute a SELECT query on the SQLite database',
      ...argument('query', { description: 'SELECT SQL query to execute' }),
    },
    'code_execution',
  ],
  ['a search query is no code', { name: 'search_notes', ...argument('query') }, 'read'],
  ['a command in an argument is code', { name: 'get_x', ...argument('command') }, 'code_execution'],
  [
    'an address in an argument leads outside',
    { name: 'get_x', ...argument('url') },
    'external_communication',
  ],
  [
    'a format that is an address leads outside',
    { name: 'get_x', ...argument('data', { format: 'uri' }) },
    'external_communication',
  ],
  [
    'a reader goes where its argument says',
    { name: 'read_article', annotations: readOnly, ...argument('address') },
    'external_communication',
  ],
  [
    'in any spelling',
    { name: 'get_x', annotations: readOnly, ...argument('imageUrl') },
    'external_communication',
  ],
  [
    'and asks the host that it is told',
    { name: 'lookup_x', ...argument('domain') },
    'external_communication',
  ],
  ['a writer only keeps an address', { name: 'update_x', ...argument('address') }, 'write'],
  [
    'whoever is sent to is outside',
    { name: 'get_report', annotations: readOnly, ...argument('deliver_to') },
    'external_communication',
  ],
  ['what is opened is no verb', { name: 'open_message', ...argument('id') }, 'unclassified'],
  [
    'a relative clause says what it does',
    { name: 'update_x', description: 'Merges a ticket into another which removes it' },
    'write destructive',
  ],
] as const)
  test(promise, () => assert.equal(propose('tool', tool).classes.join(' '), want));

const result = (properties: JsonObject): JsonObject => ({
  outputSchema: { type: 'object', properties },
});
for (const [promise, tool, want] of [
  [
    'what is somebody\u2019s is private and may be written by others',
    { name: 'list_appointments', annotations: readOnly },
    'private untrusted',
  ],
  [
    'names of the result say whose it is',
    {
      name: 'list_slots',
      annotations: readOnly,
      ...result({
        slots: { type: 'array', items: { properties: { patient: { type: 'string' } } } },
      }),
    },
    'private untrusted',
  ],
  [
    'what is read but was never said to be closed is untrusted',
    { name: 'list_slots' },
    'untrusted',
  ],
  [
    'a result without anybody in it is not',
    { name: 'list_slots', annotations: readOnly, ...result({ day: { type: 'string' } }) },
    '',
  ],
  ['a message that is opened is read', { name: 'open_message' }, 'private untrusted'],
  ['a noun tells, whatever its word may do', { name: 'order_status' }, 'private untrusted'],
  ['a verb before it does not tell', { name: 'update_order_status' }, 'untrusted'],
  ['a confirmation is not private', { name: 'create_appointment' }, 'untrusted'],
] as const)
  test(`labels: ${promise}`, () => assert.equal(propose('tool', tool).source.join(' '), want));

for (const [kind, definition, classes, source] of [
  ['resource', { uri: 'file:///home/me/a.txt', name: 'a' }, 'read', 'private untrusted'],
  [
    'resource',
    { uri: 'file:///home/me/.env', name: 'a' },
    'credential_access',
    'private secret untrusted',
  ],
  [
    'resource',
    { uri: 'file:///home/me/.ssh/id_ed25519', name: 'a' },
    'credential_access',
    'private secret untrusted',
  ],
  ['resource', { uri: 'demo://x', name: 'a' }, 'read', 'untrusted'],
  [
    'resourceTemplate',
    { uriTemplate: 'https://{host}/x', name: 'a' },
    'external_communication',
    'untrusted',
  ],
  ['resourceTemplate', { uriTemplate: '{+url}', name: 'a' }, 'external_communication', 'untrusted'],
  ['resourceTemplate', { uriTemplate: 'demo://x/{id}', name: 'a' }, 'read', 'untrusted'],
  ['prompt', { name: 'delete_everything' }, 'read', 'untrusted'],
] as const)
  test(`a ${kind} ${JSON.stringify(Object.values(definition)[0])} is ${classes}`, () => {
    const proposal = propose(kind, definition);
    assert.equal(proposal.classes.join(' '), classes);
    assert.equal(proposal.source.join(' '), source);
  });

test('whatever a definition says, the proposal is in order and never empty', () => {
  const hints = fc.record({ readOnlyHint: fc.boolean(), destructiveHint: fc.boolean() });
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string(),
      hints,
      (name, description, annotations) => {
        const { classes } = propose('tool', { name, description, annotations });
        assert.ok(classes.length > 0);
        assert.deepEqual(
          classes,
          CLASSES.filter((one) => classes.includes(one)),
        );
        assert.ok(classes.length === 1 || !classes.includes('read'));
      },
    ),
    { numRuns: 500 },
  );
});

test('annotations never take a class away that the name gives', () => {
  const verbs = fc.constantFrom('delete', 'send', 'pay', 'exec', 'write', 'get', 'frob', 'run');
  fc.assert(
    fc.property(verbs, fc.constantFrom('file', 'token', 'x'), (verb, noun) => {
      const name = `${verb}_${noun}`;
      const bare = propose('tool', { name }).classes;
      const calm = propose('tool', { name, annotations: readOnly }).classes;
      assert.deepEqual(calm, bare);
    }),
  );
});

test('a long hostile name and description cost little', () => {
  const start = performance.now();
  let deep: JsonObject = { type: 'object' };
  for (let depth = 0; depth < 20_000; depth++) deep = { properties: { a: deep, b: deep } };
  propose('tool', { name: 'get_x', outputSchema: deep });
  propose('tool', { name: 'get_'.repeat(50_000), description: 'and to, '.repeat(50_000) });
  propose('tool', { name: 'Aa'.repeat(100_000), description: 'x'.repeat(1_000_000) });
  assert.ok(performance.now() - start < 500);
});
