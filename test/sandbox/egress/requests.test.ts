import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import Docker from 'dockerode';
import { packageRoot } from '../../../src/lib/package-root.ts';
import { dockerHost } from '../../../src/sandbox/docker-host.ts';
import { buildRootfs, canBuildRootfs } from '../../../src/sandbox/rootfs.ts';
import { scratch } from '../../support/scratch.ts';
import { CACHE, noDocker, openSandbox, run } from '../support.ts';
import { entries, openOutside } from './outside.ts';

const SECRET = { name: 'TOKEN', header: 'authorization', value: 'sk-0123456789abcdef' };
const PACKAGES = [
  'python3-minimal',
  'libpython3-stdlib',
  'python3-requests',
  'bash',
  'dash',
  'coreutils',
];
const noPackages = canBuildRootfs() ? false : 'this machine has no packages of Debian';

/** An owner's own image: with `requests`, which ours do not have. */
async function imageWithRequests(): Promise<string> {
  const docker = new Docker(dockerHost(process.env).options);
  const { file } = await buildRootfs({
    name: 'python-requests-test',
    packages: PACKAGES,
    script: join(packageRoot(), 'sandbox-images', 'rootfs.sh'),
    cache: CACHE,
    log: () => undefined,
  });
  const tag = { repo: 'sallyport-test/python-requests', tag: '1' };
  const stream = await docker.importImage(createReadStream(file), tag);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
  return `${tag.repo}:${tag.tag}`;
}

describe('requests', { skip: noDocker || noPackages }, () => {
  test('finds the way out, trusts its roots, and has the secret put in', async (t) => {
    const outside = await openOutside(t);
    const folder = join(await scratch(t), 'egress');
    const listed = entries(['api.example.com', 'http://mirror.example.com'], SECRET);
    const sandbox = openSandbox({
      images: { python: await imageWithRequests() },
      egress: { ...outside.options(listed), folder: () => folder },
    });
    t.after(async () => await sandbox.close());
    const code = `import requests
session = requests.Session()
headers = {'Authorization': 'Bearer {{TOKEN}}'}
for url in ['https://api.example.com/', 'http://mirror.example.com/', 'http://api.example.com:443/']:
    print(session.get(url, headers=headers).text)
print(session.get('http://evil.example/').text.strip())
try:
    session.get('https://evil.example/')
except requests.exceptions.ProxyError as error:
    print(error)`;
    const { stdout, stderr } = await run(sandbox, { code });
    const lines = stdout.split('\n');
    assert.deepEqual(
      lines.slice(0, 3),
      ['hello from api.example.com', 'hello from mirror.example.com', 'hello from api.example.com'],
      stderr,
    );
    assert.match(lines[3] ?? '', /^not-allowed: /u);
    assert.match(lines[4] ?? '', /403/u);
    const tokens = outside.seen.map(
      ({ rawHeaders }) => rawHeaders[rawHeaders.indexOf('Authorization') + 1],
    );
    assert.deepEqual(tokens, ['Bearer {{TOKEN}}', 'Bearer {{TOKEN}}', `Bearer ${SECRET.value}`]);
  });
});
