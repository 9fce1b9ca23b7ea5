import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProgram } from '../../../src/sandbox/inside/program.ts';
import { readConfigText } from '../../../src/config/load.ts';

type Row = readonly [string, { command: string; args?: string[]; image?: string }, object | RegExp];

const NODE = { language: 'javascript' };
const OWN = 'team/server@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';

const ROWS: readonly Row[] = [
  ['npx', { command: 'npx', args: ['-y', '@scope/server', '/data'] }, { image: NODE, package: { name: '@scope/server', args: ['/data'] }, argv: [] }],
  ['npx with a version', { command: '/usr/bin/npx', args: ['--yes', 'server@1.2.3', '--x', '--', 'y'] }, { image: NODE, package: { name: 'server', version: '1.2.3', args: ['--x', '--', 'y'] }, argv: [] }],
  ['npx of one command of a package', { command: 'npx', args: ['--package=server@^2', 'other', 'a'] }, { image: NODE, package: { name: 'server', version: '^2', bin: 'other', args: ['a'] }, argv: [] }],
  ['npm exec', { command: 'npm', args: ['exec', '-y', 'server', '--', '--port'] }, { image: NODE, package: { name: 'server', args: ['--port'] }, argv: [] }],
  ['npx in an image of the owner', { command: 'npx', args: ['server'], image: OWN }, { image: { own: OWN }, package: { name: 'server', args: [] }, argv: [] }],
  ['a script that is mounted', { command: 'node', args: ['--no-warnings', '/data/server.js', 'x'] }, { image: NODE, argv: ['node', '--no-warnings', '/data/server.js', 'x'] }],
  ['a program that is mounted', { command: '/data/server' }, { image: NODE, argv: ['/data/server'] }],
  ['code on the command line', { command: 'node', args: ['-e', '1'] }, { image: NODE, argv: ['node', '-e', '1'] }],
  ['Python', { command: 'python3', args: ['/data/server.py'], image: 'sallyport/python' }, { image: { language: 'python' }, argv: ['python3', '/data/server.py'] }],
  ['anything in an image of the owner', { command: 'uvx', args: ['server'], image: OWN }, { image: { own: OWN }, argv: ['uvx', 'server'] }],
  ['a script that is not mounted', { command: 'node', args: ['/srv/server.js'] }, /does not see \/srv\/server\.js/],
  ['a script that only looks mounted', { command: 'node', args: ['/data/../srv/server.js'] }, /does not see/],
  ['a script beside the mount', { command: 'node', args: ['/database/server.js'] }, /does not see/],
  ['a relative script', { command: 'node', args: ['server.js'] }, /does not see server\.js/],
  ['uvx', { command: 'uvx', args: ['server'], image: 'sallyport/python' }, /would have to download/],
  ['pipx', { command: '/usr/bin/pipx', args: ['run', 'server'], image: 'sallyport/python' }, /would have to download/],
  ['Docker', { command: 'docker', args: ['run', 'x'] }, /would have to download/],
  ['Python in the image of Node', { command: 'python3', args: ['/data/x.py'] }, /has no python3/],
  ['npx in the image of Python', { command: 'npx', args: ['server'], image: 'sallyport/python' }, /has no Node/],
  ['a program of the host', { command: '/usr/bin/node', args: ['/data/x.js'] }, /has no program \/usr\/bin\/node/],
  ['an image that there is not', { command: 'node', args: ['-e', '1'], image: 'sallyport/ruby' }, /no image sallyport\/ruby/],
  ['a repository', { command: 'npx', args: ['github:somebody/server'] }, /names no package/],
  ['an address', { command: 'npx', args: ['https://example.com/server.tgz'] }, /names no package/],
  ['a folder', { command: 'npx', args: ['./server'] }, /names no package/],
  ['an alias', { command: 'npx', args: ['a@npm:b@1'] }, /names no package/],
  ['a package that is an option', { command: 'npx', args: ['-p', '--registry=x', 'y'] }, /names no package/],
  ['a package that is an option of npm', { command: 'npx', args: ['-p', '-g', 'y'] }, /names no package/],
  ['an option that is not known', { command: 'npx', args: ['--registry=http://example.com', 'server'] }, /the option --registry/],
  ['a shell of npx', { command: 'npx', args: ['-c', 'server'] }, /the option -c/],
  ['two packages', { command: 'npx', args: ['-p', 'a', '-p', 'b', 'c'] }, /several packages/],
  ['npx of nothing', { command: 'npx', args: ['-y'] }, /no package/],
]; // prettier-ignore

for (const [name, { command, args = [], image = 'sallyport/node' }, want] of ROWS)
  test(`what runs inside: ${name}`, () => {
    const sandbox = { image, mounts: [{ host: '/data', path: '/data' }] };
    const text = JSON.stringify({ mcpServers: { x: { command, args, sandbox } } });
    const server = readConfigText(text, '/etc/s.json', { HOME: '/home/alice' }).mcpServers['x'];
    assert.ok(server?.kind === 'stdio' && server.sandbox);
    const inside = { ...server, sandbox: server.sandbox };
    if (want instanceof RegExp) assert.throws(() => readProgram(inside), want);
    else assert.deepEqual(readProgram(inside), want);
  });
