import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Dialect } from '../../src/config/clients/clients.ts';
import { importServer } from '../../src/config/clients/import-server.ts';
import { serverName } from '../../src/config/clients/server-name.ts';

function carrier(reference: string): string {
  return `V_${reference.replace(/\W/gu, '_')}`;
}

function imported(value: unknown, dialect: Dialect = 'literal', base?: string): unknown {
  const result = importServer(value, { dialect, base, carrier });
  return 'keep' in result ? result.keep : result.settings;
}

for (const [name, dialect, value, want] of [
  [
    'everything a stdio server has',
    'literal',
    { command: 'npx', args: ['-y', 'x'], env: { A: 'b' }, cwd: '/tmp' },
    { command: 'npx', args: ['-y', 'x'], env: { A: 'b' }, cwd: '/tmp' },
  ],
  [
    'everything an HTTP server has',
    'literal',
    { type: 'http', url: 'https://x/mcp', headers: { A: 'b' } },
    { url: 'https://x/mcp', headers: { A: 'b' } },
  ],
  ['the name Windsurf has for a url', 'editor', { serverUrl: 'https://x' }, { url: 'https://x' }],
  [
    'a server that is off',
    'literal',
    { command: 'x', disabled: true },
    { command: 'x', disabled: true },
  ],
  [
    'a server that is not on',
    'editor',
    { command: 'x', enabled: false },
    { command: 'x', disabled: true },
  ],
  [
    'numbers in env',
    'editor',
    { command: 'x', env: { PORT: 8080 } },
    { command: 'x', env: { PORT: '8080' } },
  ],
  [
    'consent that was given for the client',
    'editor',
    { command: 'x', alwaysAllow: ['t'] },
    { command: 'x' },
  ],
  [
    'dollar signs where the client expands nothing',
    'literal',
    { command: 'x', args: ['${A}', '$B', '$$'] },
    { command: 'x', args: ['$${A}', '$$B', '$$$$'] },
  ],
  [
    "Claude Code's variables",
    'shell',
    { command: 'x', args: ['${A}', '${A:-b}', '${env:A}', '$A'] },
    { command: 'x', args: ['${A:-}', '${A:-b}', '$${env:A}', '$$A'] },
  ],
  [
    "an editor's variables",
    'editor',
    { url: 'https://x', headers: { Authorization: 'Bearer ${input:t}' } },
    { url: 'https://x', headers: { Authorization: 'Bearer ${V_input_t:-}' } },
  ],
  ['SSE', 'literal', { type: 'sse', url: 'https://x' }, { type: 'sse', url: 'https://x' }],
  [
    'SSE under the name of another key',
    'editor',
    { transport: 'sse', url: 'https://x/sse' },
    { type: 'sse', url: 'https://x/sse' },
  ],
  ['a url that may be of SSE', 'editor', { url: 'https://x/sse' }, { url: 'https://x/sse' }],
] as const)
  test(`is taken over: ${name}`, () => {
    assert.deepEqual(imported(value, dialect), want);
  });

for (const [name, dialect, value, why] of [
  ['a file of secrets', 'editor', { command: 'x', envFile: '.env' }, /it uses envFile/u],
  [
    'switched off tools',
    'editor',
    { command: 'x', disabledTools: ['rm'] },
    /it uses disabledTools/u,
  ],
  ['an OAuth client', 'editor', { url: 'https://x', auth: { CLIENT_ID: 'x' } }, /it uses auth/u],
  ['no object', 'literal', 'npx', /no object/u],
  ['nothing to start', 'literal', {}, /malformed/u],
  ['both ways', 'literal', { command: 'x', url: 'https://x' }, /malformed/u],
  ['arguments that are no list', 'literal', { command: 'x', args: 'a b' }, /malformed: args/u],
  ['a variable without a value', 'editor', { command: 'x', env: { A: null } }, /malformed: env/u],
  [
    'a header of two lines',
    'literal',
    { url: 'https://x', headers: { A: 'b\r\nC: d' } },
    /malformed/u,
  ],
  ['a password in the url', 'literal', { url: 'https://a:b@x' }, /malformed: url/u],
  ['a url that only a variable completes', 'shell', { url: '${BASE}/mcp' }, /malformed: url/u],
  ['a command that only a variable names', 'shell', { command: '${CMD}' }, /malformed: command/u],
  ['a relative command of nobody knows where', 'literal', { command: './run' }, /relative/u],
  [
    'a workspace where there is none',
    'editor',
    { command: 'x', args: ['${workspaceFolder}'] },
    /workspace/u,
  ],
] as const)
  test(`stays with the client: ${name}`, () => {
    assert.match(String(imported(value, dialect)), why);
  });

test('a relative path in a project file starts at the project', () => {
  assert.deepEqual(imported({ command: './run', cwd: 'a', args: ['./b'] }, 'shell', '/p'), {
    command: '/p/run',
    cwd: '/p/a',
    args: ['./b'],
  });
});

for (const [written, taken, want] of [
  ['files', [], 'files'],
  ['My Server', [], 'My-Server'],
  ['a__b', [], 'a_b'],
  ['a_', [], 'a'],
  ['__proto__', [], 'proto'],
  ['日本', [], 'server'],
  ['', [], 'server'],
  ['sallyport', [], 'server'],
  ['my Sally-Port', ['server'], 'server-2'],
  ['code', [], 'code-2'],
  ['files', ['files'], 'files-2'],
  ['a/b', ['a-b', 'a-b-2'], 'a-b-3'],
  ['x'.repeat(100), [], 'x'.repeat(60)],
] as const)
  test(`the server ${JSON.stringify(written.slice(0, 20))} is called ${want}`, () => {
    assert.equal(serverName(written, new Set(taken)), want);
  });
