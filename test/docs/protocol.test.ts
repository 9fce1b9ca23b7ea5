import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CALL_METHODS } from '../../src/call.ts';
import {
  CLIENT_NOTIFICATIONS,
  CLIENT_REQUESTS,
  LEGACY_VERSIONS,
  MODERN_CLIENT_REQUESTS,
  SERVER_NOTIFICATIONS,
  SERVER_REQUESTS,
} from '../../src/wire/methods.ts';
import { MODERN_VERSIONS } from '../../src/wire/modern/meta.ts';
import { readExpected } from '../conformance/measure.ts';
import { ROOT } from './blocks.ts';

const PAGE = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8');

for (const [title, table] of [
  ['Requests of the client', CLIENT_REQUESTS],
  ['Requests of a modern client', MODERN_CLIENT_REQUESTS],
  ['Requests to a modern server', CLIENT_REQUESTS],
  ['Notifications of the client', CLIENT_NOTIFICATIONS],
  ['Requests of a server', SERVER_REQUESTS],
  ['Notifications of a server', SERVER_NOTIFICATIONS],
] as const)
  test(`docs/protocol.md has the rows of the method table: ${title}`, () => {
    const rows = [...section(title).matchAll(/^\| `([^`]+)` \|/gmu)].map(([, method]) => method);
    assert.deepEqual(rows, Object.keys(table));
  });

/** Which action Cedar is asked about, where it is not the method's own. */
const ACTIONS: Readonly<Record<string, string>> = {
  'tools/call': "the tool's classes, or `tools/call:SERVER/NAME`",
  'resources/subscribe': '`resources/read`',
  'resources/unsubscribe': '`resources/read`',
};

for (const [title, table] of [
  ['Requests of the client', CLIENT_REQUESTS],
  ['Requests of a server', SERVER_REQUESTS],
] as const)
  test(`docs/protocol.md names the Cedar action of whatever is decided: ${title}`, () => {
    const rows = [
      ...section(title).matchAll(/^\| `([^`]+)` \| ([^|]*)\| ([^|]*)\| ([^|]*)\|$/gmu),
    ].map((row) => row.slice(1).map((cell) => cell.trim()));
    const treatments = new Map<string, string>(Object.entries(table));
    assert.equal(rows.length, treatments.size);
    for (const [method = '', way = '', action = '', scanned = ''] of rows) {
      const how = treatments.get(method) ?? '';
      const decided = ['decide', 'subscribe'].includes(how);
      assert.equal(way.startsWith('decided'), decided, method);
      if (decided) assert.equal(action, ACTIONS[method] ?? `\`${method}\``);
      if (how === 'filter') assert.notEqual(action, '', method);
      // Of the folders of a client nothing comes from a server.
      if (decided && method !== 'roots/list') assert.notEqual(scanned, '', method);
      for (const [, named = ''] of action.matchAll(/`([^:`]+)[:`]/gu))
        assert.ok(
          CALL_METHODS.some((known) => known === named),
          `${named} is no action`,
        );
    }
  });

test('docs/protocol.md names the versions of both eras, and no other', () => {
  const rows = section('Which eras, on which side').match(/^\| (?:legacy|modern): [^|]+/gmu);
  assert.deepEqual(rows, [
    `| legacy: ${LEGACY_VERSIONS.join(', ')} `,
    `| modern: ${MODERN_VERSIONS.join(', ')} `,
  ]);
});

test('docs/protocol.md names what does not pass of the conformance suite, with the reason of the file, and nothing else', () => {
  const rows = [
    ...section('The conformance suite').matchAll(/^\| `([^`]+)` \|.*\| ([^|]+) \|$/gmu),
  ];
  assert.deepEqual(
    rows.map(([, scenario, why]) => ({ scenario, why })),
    readExpected().map(({ scenario, why }) => ({ scenario, why })),
  );
});

function section(title: string): string {
  return PAGE.split(/^## /mu).find((part) => part.startsWith(`${title}\n`)) ?? '';
}
