import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CLIENT_NOTIFICATIONS,
  CLIENT_REQUESTS,
  SERVER_NOTIFICATIONS,
  SERVER_REQUESTS,
} from '../../src/wire/methods.ts';
import { ROOT } from './blocks.ts';

const PAGE = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8');

for (const [title, table] of [
  ['Requests of the client', CLIENT_REQUESTS],
  ['Notifications of the client', CLIENT_NOTIFICATIONS],
  ['Requests of a server', SERVER_REQUESTS],
  ['Notifications of a server', SERVER_NOTIFICATIONS],
] as const)
  test(`docs/protocol.md has the rows of the method table: ${title}`, () => {
    const section = PAGE.split(/^## /mu).find((part) => part.startsWith(`${title}\n`)) ?? '';
    const rows = [...section.matchAll(/^\| `([^`]+)` \|/gmu)].map(([, method]) => method);
    assert.deepEqual(rows, Object.keys(table));
  });
