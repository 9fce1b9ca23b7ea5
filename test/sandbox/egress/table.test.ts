import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import Docker from 'dockerode';
import { packageRoot } from '../../../src/lib/package-root.ts';
import { dockerHost } from '../../../src/sandbox/docker-host.ts';
import type { Language } from '../../../src/sandbox/languages.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { scratch } from '../../support/scratch.ts';
import { noDocker, openSandbox, run } from '../support.ts';
import { entries, openOutside, type Outside } from './outside.ts';

const SECRET = { name: 'TOKEN', header: 'authorization', value: 'sk-0123456789abcdef' };
const ALLOWED = [
  'api.example.com',
  'http://mirror.example.com',
  'rebound.example.com',
  'metadata.example.com',
];

async function open(context: TestContext): Promise<{ outside: Outside; sandbox: Sandbox }> {
  const outside = await openOutside(context);
  const folder = join(await scratch(context), 'egress');
  const options = outside.options(entries(ALLOWED, SECRET));
  const sandbox = openSandbox({ egress: { ...options, folder: () => folder } });
  context.after(async () => await sandbox.close());
  return { outside, sandbox };
}

const GET = {
  python: (url: string, header: string) =>
    `import urllib.request
request = urllib.request.Request(${JSON.stringify(url)}, headers={'Authorization': ${JSON.stringify(header)}})
print(urllib.request.urlopen(request).read().decode())`,
  javascript: (url: string, header: string) =>
    `const answer = await fetch(${JSON.stringify(url)}, { headers: { Authorization: ${JSON.stringify(header)} } });
console.log(await answer.text());
import https from 'node:https'; import http from 'node:http';`,
  bash: (url: string, header: string) => `curl -sS -H 'Authorization: ${header}' ${url}; echo`,
} as const satisfies Record<Language, (url: string, header: string) => string>;

describe('what the list allows answers', { skip: noDocker }, () => {
  for (const language of ['python', 'javascript', 'bash'] as const)
    test(`${language}: over TLS, without, and with a secret it never sees`, async (t) => {
      const { outside, sandbox } = await open(t);
      const program = GET[language];
      for (const [url, host, token] of [
        ['https://api.example.com/', 'api.example.com', '{{TOKEN}}'],
        ['http://mirror.example.com/', 'mirror.example.com', '{{TOKEN}}'],
        ['http://api.example.com:443/', 'api.example.com', SECRET.value],
      ] as const) {
        const result = await run(sandbox, { language, code: program(url, 'Bearer {{TOKEN}}') });
        assert.equal(result.stdout, `hello from ${host}\n`, result.stderr);
        const { rawHeaders = [] } = outside.seen.at(-1) ?? {};
        const at = rawHeaders.findIndex((name) => name.toLowerCase() === 'authorization');
        assert.equal(rawHeaders[at + 1], `Bearer ${token}`);
      }
    });

  test('javascript: with http and https as well', async (t) => {
    const { sandbox } = await open(t);
    const code = `const read = (library, url) => new Promise((resolve, reject) => library.get(url, (answer) => {
  let text = ''; answer.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text)); }).on('error', reject));
console.log(await read(require('node:https'), 'https://api.example.com/'));
console.log(await read(require('node:http'), 'http://mirror.example.com/'));`;
    const wrapped = `(async () => { ${code} })();`;
    const result = await run(sandbox, { language: 'javascript', code: wrapped });
    const want = 'hello from api.example.com\nhello from mirror.example.com\n';
    assert.equal(result.stdout, want, result.stderr);
  });

  test('bash: what is not allowed does not, and says why', async (t) => {
    const { outside, sandbox } = await open(t);
    const code = 'curl -s http://evil.example/; curl -sS https://evil.example/ 2>&1';
    const { stdout } = await run(sandbox, { language: 'bash', code });
    assert.match(stdout, /^not-allowed: .*\n.*403/u);
    assert.deepEqual(outside.dialled, []);
  });
});

/** A service of this machine, and a plain bridge from which it can be reached. */
async function openHost(
  context: TestContext,
): Promise<{ here: string; port: number; network: string }> {
  const docker = new Docker(dockerHost(process.env).options);
  const network = await docker.createNetwork({ Name: `sallyport-egress-${process.pid}` });
  const server = createServer((socket) => {
    socket.on('error', () => {}).end('hello');
  }).listen(0, '0.0.0.0');
  await new Promise((resolve) => server.once('listening', resolve));
  context.after(async () => {
    server.close();
    await network.remove();
  });
  const found: unknown = await network.inspect();
  const here = /"Gateway":"([\d.]+)/u.exec(JSON.stringify(found))?.[1] ?? '';
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  return { here, port: (server.address() as AddressInfo).port, network: network.id };
}

/** What gVisor says of a program that tries every way out, and what runc on a plain bridge says. */
describe('every other way out', { skip: noDocker }, () => {
  const attack = readFileSync(
    join(packageRoot(), 'test', 'sandbox', 'egress', 'escape.py'),
    'utf8',
  );

  test('is closed in the sandbox, and not in runc on a bridge', async (t) => {
    const { outside, sandbox } = await open(t);
    const { here, port, network } = await openHost(t);
    const code = `HERE = ${JSON.stringify(here)}\nPORT = ${port}\n${attack}`;
    const inside = await run(sandbox, { code, timeoutMs: 120_000 });
    assert.equal(inside.exitCode, 0, inside.stderr);
    const found = Object.entries<string>(JSON.parse(inside.stdout));
    assert.ok(found.length > 30);
    assert.deepEqual(
      found.filter(([, said]) => said === 'REACHED'),
      [],
    );
    assert.deepEqual(outside.seen, []);
    assert.ok(outside.records.filter(({ step }) => step === 'refused').length >= 12);

    const control = new Map(Object.entries<string>(JSON.parse(await inRunc(code, network))));
    assert.equal(control.get('host service, direct'), 'REACHED', JSON.stringify([...control]));
    assert.equal(control.get('another interface than loopback'), 'REACHED');
  });
});

/** The same program as anybody would run it: runc, a bridge, nobody's rights. */
async function inRunc(code: string, network: string): Promise<string> {
  const docker = new Docker(dockerHost(process.env).options);
  const images = await docker.listImages();
  const image = images.find(({ RepoTags }) =>
    RepoTags?.some((tag) => tag.startsWith('sallyport/python:')),
  );
  const container = await docker.createContainer({
    Image: image?.Id ?? '',
    Cmd: ['python3', '-c', code],
    User: '65534:65534',
    Tty: true,
    HostConfig: { Runtime: 'runc', NetworkMode: network },
  });
  try {
    await container.start();
    await container.wait();
    const logs: unknown = await container.logs({ stdout: true, stderr: true, follow: false });
    // The client of Docker takes what looks like JSON for JSON.
    return Buffer.isBuffer(logs) ? logs.toString() : JSON.stringify(logs);
  } finally {
    await container.remove({ force: true });
  }
}
