import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrappedName } from '../../src/commands/wrapped-name.ts';

for (const [line, want] of [
  ['npx -y @modelcontextprotocol/server-everything', 'everything'],
  ['npx -y @modelcontextprotocol/server-filesystem@1.2.3 /data', 'filesystem'],
  ['node /x/node_modules/@modelcontextprotocol/server-everything/dist/index.js', 'everything'],
  ['/usr/bin/node ../servers/src/everything/dist/index.js stdio', 'everything'],
  ['node ./build/index.js', 'server'],
  ['node weather.mjs --port 1', 'weather'],
  ['uvx mcp-server-git --repository /r', 'git'],
  ['python3 -m notes', 'notes'],
  ['docker run -i --rm -e GITHUB_TOKEN ghcr.io/github/github-mcp-server:v1', 'github'],
  ['/usr/local/bin/my_tool', 'my_tool'],
  ['C:\\tools\\search.exe', 'search'],
  ['npx code', 'code-2'],
  ['npx sallyport', 'server'],
  ['npx 🦊', 'server'],
  ['node', 'node'],
] as const)
  test(`the server of \`${line}\` is called ${want}`, () => {
    const [program = '', ...args] = line.split(' ');
    assert.equal(wrappedName(program, args), want);
  });
