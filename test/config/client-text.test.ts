import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readClientText } from '../../src/config/clients/client-text.ts';
import { clientFiles, CLIENT_NAMES } from '../../src/config/clients/clients.ts';
import { Fault } from '../../src/lib/fault.ts';

const ENTRY = { name: 'sallyport', value: { command: 's' } };

function replaced(text: string, remove: readonly string[], key = 'mcpServers'): string {
  const read = readClientText(Buffer.from(text), 'f.json');
  return read.edit([{ path: [key], remove: new Set(remove), entry: ENTRY }]);
}

for (const [name, text, remove, want] of [
  [
    'one line stays one line',
    '{"mcpServers":{"a":{"command":"x"},"b":{}}}',
    ['a', 'b'],
    '{"mcpServers":{"sallyport": {"command":"s"}}}',
  ],
  [
    'what stays keeps its place and its commas',
    '{\n  "mcpServers": {\n    "a": {},\n    "keep": {},\n    "b": {}\n  }\n}\n',
    ['a', 'b'],
    '{\n  "mcpServers": {\n    "sallyport": {\n      "command": "s"\n    },\n    "keep": {}\n  }\n}\n',
  ],
  [
    'a trailing comma stays where the client had one',
    '{\n\t"mcpServers": {\n\t\t"a": {},\n\t\t"b": {},\n\t},\n}',
    ['a', 'b'],
    '{\n\t"mcpServers": {\n\t\t"sallyport": {\n\t\t\t"command": "s"\n\t\t},\n\t},\n}',
  ],
  [
    'comments stay',
    '// top\n{\n  /* all */ "mcpServers": {\n    // first\n    "a": {}, // x\n    // second, with a comma\n    "b": {} /* end */\n  } // done\n}',
    ['a', 'b'],
    '// top\n{\n  /* all */ "mcpServers": {\n    // first\n    "sallyport": {\n      "command": "s"\n    } // x\n    // second, with a comma\n     /* end */\n  } // done\n}',
  ],
  [
    'line ends stay',
    '{\r\n  "mcpServers": {\r\n    "a": {}\r\n  }\r\n}\r\n',
    ['a'],
    '{\r\n  "mcpServers": {\r\n    "sallyport": {\r\n      "command": "s"\r\n    }\r\n  }\r\n}\r\n',
  ],
  [
    'a byte order mark stays',
    '\uFEFF{"mcpServers":{"a":{}}}',
    ['a'],
    '\uFEFF{"mcpServers":{"sallyport": {"command":"s"}}}',
  ],
  [
    'a server that has the name of the entry makes room for it',
    '{"mcpServers":{"a":{},"sallyport":{"command":"mine"}}}',
    ['a', 'sallyport'],
    '{"mcpServers":{"sallyport": {"command":"s"}}}',
  ],
  [
    'braces and names inside strings are text',
    '{"note":"\\"mcpServers\\":{\\"a\\":{}}","mcpServers":{"a":{"args":["},//"]}}}',
    ['a'],
    '{"note":"\\"mcpServers\\":{\\"a\\":{}}","mcpServers":{"sallyport": {"command":"s"}}}',
  ],
] as const)
  test(name, () => {
    assert.equal(replaced(text, remove), want);
  });

for (const [name, bytes, message] of [
  ['a comma too few', '{"mcpServers":{"a":{} "b":{}}}', /invalid JSON at 1:23, comma expected/u],
  ['an end too early', '{\n"mcpServers": {', /invalid JSON at 2:\d+/u],
  ['a list', '[]', /it holds no JSON object/u],
  ['another encoding', Buffer.from('{}', 'utf16le').fill(0xff), /it is not UTF-8/u],
  ['a nest without a floor', '['.repeat(100_000), /nested too deeply|invalid JSON/u],
  ['two lists of servers', '{"mcpServers":{},"mcpServers":{"a":{}}}', /is there twice/u],
  ['two servers of one name', '{"mcpServers":{"a":{},"a":{"command":"evil"}}}', /is there twice/u],
  ['the same name in another spelling', '{"mcpServers":{"a":{},"\\u0061":{}}}', /is there twice/u],
] as const)
  test(`${name} is refused`, () => {
    assert.throws(
      () => readClientText(Buffer.from(bytes), 'f.json').sectionAt(['mcpServers']),
      (error) => error instanceof Fault && message.test(error.message),
    );
  });

for (const [name, platform, env, want] of [
  [
    'claude-desktop',
    'darwin',
    {},
    '/h/Library/Application Support/Claude/claude_desktop_config.json',
  ],
  ['claude-desktop', 'linux', {}, '/h/.config/Claude/claude_desktop_config.json'],
  ['claude-desktop', 'linux', { XDG_CONFIG_HOME: '/x' }, '/x/Claude/claude_desktop_config.json'],
  ['claude-desktop', 'win32', { APPDATA: '/r' }, '/r/Claude/claude_desktop_config.json'],
  ['claude-desktop', 'win32', {}, '/h/AppData/Roaming/Claude/claude_desktop_config.json'],
  ['claude-code', 'linux', {}, '/h/.claude.json'],
  ['claude-code', 'darwin', { CLAUDE_CONFIG_DIR: '/c' }, '/c/.claude.json'],
  ['claude-code', 'win32', {}, '/w/.mcp.json'],
  ['vscode', 'darwin', {}, '/h/Library/Application Support/Code/User/mcp.json'],
  ['vscode', 'win32', { APPDATA: '/r' }, '/r/Code/User/mcp.json'],
  ['vscode', 'linux', {}, '/h/.config/Code/User/mcp.json'],
  ['vscode', 'linux', {}, '/h/.config/Code - Insiders/User/mcp.json'],
  ['vscode', 'linux', {}, '/w/.vscode/mcp.json'],
  ['cursor', 'win32', {}, '/h/.cursor/mcp.json'],
  ['cursor', 'linux', {}, '/w/.cursor/mcp.json'],
  ['windsurf', 'darwin', {}, '/h/.codeium/windsurf/mcp_config.json'],
] as const)
  test(`${name} on ${platform} keeps servers in ${want}`, () => {
    const files = clientFiles(name, { env, platform, home: '/h' }, '/w');
    assert.ok(files.some((file) => file.path === want));
  });

test('in the home folder no file is listed twice', () => {
  for (const name of CLIENT_NAMES) {
    const paths = clientFiles(name, { env: {}, platform: 'linux', home: '/h' }, '/h').map(
      (file) => file.path,
    );
    assert.equal(new Set(paths).size, paths.length);
  }
});
