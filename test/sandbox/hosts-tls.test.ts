import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { startDockerd } from '../support/own-engine.ts';
import { lacking } from '../support/own-process.ts';
import { scratch } from '../support/scratch.ts';
import { noDocker, openSandbox, refusalOf, run } from './support.ts';

const ends: (() => unknown)[] = [];
const context = { after: (end: () => unknown) => void ends.push(end) };

/** Authority, and a certificate of it for an engine or a user; `days` below zero: over already. */
function issue(folder: string, name: string, { ca = name, days = 2, extension = '' } = {}): void {
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const key = ['-keyout', `${name}-key.pem`, '-subj', `/CN=${name}`];
  if (ca === name)
    return openssl('req', '-x509', ...curve, ...key, '-out', `${name}.pem`, '-days', '2');
  openssl('req', ...curve, ...key, '-out', `${name}.csr`);
  execFileSync('sh', ['-c', `printf '%s\\n' '${extension}' > ${name}.ext`], { cwd: folder });
  const signer = ['-CA', `${ca}.pem`, '-CAkey', `${ca}-key.pem`, '-CAcreateserial'];
  openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-extfile', `${name}.ext`, '-out', `${name}.pem`, '-days', String(days)); // prettier-ignore
}

/** What DOCKER_CERT_PATH names. */
async function certificates(folder: string, ca: string, user: string): Promise<string> {
  const made = await mkdtemp(join(folder, 'certificates-'));
  await copyFile(join(folder, `${ca}.pem`), join(made, 'ca.pem'));
  await copyFile(join(folder, `${user}.pem`), join(made, 'cert.pem'));
  await copyFile(join(folder, `${user}-key.pem`), join(made, 'key.pem'));
  return made;
}

const SERVER = 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth';
const USER = 'extendedKeyUsage=clientAuth';

describe('over TLS', { skip: noDocker || lacking('dockerd', 'openssl', 'runsc') }, () => {
  let folder = '';
  /** Ports of the engine: behind the authority's certificate, an expired one, and one for another name. */
  const ports = { good: 0, expired: 0, other: 0 };

  before(async () => {
    folder = await scratch(context);
    issue(folder, 'authority');
    issue(folder, 'stranger');
    issue(folder, 'engine', { ca: 'authority', extension: SERVER });
    issue(folder, 'other', { ca: 'authority', extension: SERVER.replace('127.0.0.1', '192.0.2.1') }); // prettier-ignore
    issue(folder, 'expired', { ca: 'authority', days: -1, extension: SERVER });
    issue(folder, 'user', { ca: 'authority', extension: USER });
    issue(folder, 'late', { ca: 'authority', days: -1, extension: USER });
    issue(folder, 'intruder', { ca: 'stranger', extension: USER });
    for (const name of ['good', 'expired', 'other'] as const) {
      ports[name] = await freePort();
      const file = join(folder, name === 'good' ? 'engine' : name);
      await startDockerd(context, {
        flags: [
          `--host=tcp://127.0.0.1:${ports[name]}`,
          '--tlsverify',
          `--tlscacert=${join(folder, 'authority.pem')}`,
          `--tlscert=${file}.pem`,
          `--tlskey=${file}-key.pem`,
        ],
      });
    }
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  async function environment(
    port: number,
    { ca = 'authority', user = 'user' } = {},
  ): Promise<NodeJS.ProcessEnv> {
    const made = await certificates(folder, ca, user);
    return {
      DOCKER_HOST: `tcp://127.0.0.1:${port}`,
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: made,
    };
  }

  test('a program runs, and the engine says who it is', { timeout: 300_000 }, async () => {
    const env = await environment(ports.good);
    const sandbox = openSandbox({ env });
    const { stdout } = await run(sandbox, { language: 'bash', code: 'read -r w; echo "<$w>"', stdin: 'over TLS\n' }); // prettier-ignore
    assert.equal(stdout, '<over TLS>\n');
    await sandbox.close();
  });

  const refused: readonly (readonly [string, () => Promise<NodeJS.ProcessEnv>, RegExp])[] = [
    [
      'an engine of an authority that was not named',
      async () => await environment(ports.good, { ca: 'stranger' }),
      /this is not trusted as Docker at tcp:/,
    ],
    [
      'an engine whose certificate is over',
      async () => await environment(ports.expired),
      /the certificate is expired of Docker at tcp:/,
    ],
    [
      'an engine with a certificate for another address',
      async () => await environment(ports.other),
      /for another name than that of Docker at tcp:/,
    ],
    [
      'a user of another authority',
      async () => await environment(ports.good, { user: 'intruder' }),
      /the connection was closed by Docker at tcp:/,
    ],
    [
      'a user whose certificate is over',
      async () => await environment(ports.good, { user: 'late' }),
      /cert\.pem was valid until/,
    ],
    [
      'to speak without TLS where the engine has it',
      async () => ({ DOCKER_HOST: `tcp://127.0.0.1:${ports.good}` }),
      /only TLS is spoken by Docker at tcp:/,
    ],
    [
      'TLS that looks at nothing',
      async () => ({ DOCKER_HOST: `tcp://127.0.0.1:${ports.good}`, DOCKER_TLS: '1' }),
      /DOCKER_TLS asks for TLS without a look/,
    ],
  ];
  for (const [name, env, message] of refused)
    test(`refused: ${name}`, async () => assert.match(await refusalOf(await env()), message));

  const broken: readonly (readonly [string, string, string | undefined, RegExp])[] = [
    ['no authority', 'ca.pem', undefined, /there is no .*ca\.pem/],
    ['no certificate', 'cert.pem', undefined, /there is no .*cert\.pem/],
    ['no key', 'key.pem', undefined, /there is no .*key\.pem/],
    ['an authority that is no certificate', 'ca.pem', 'nothing', /ca\.pem is no certificate/],
    ['a key that is none', 'key.pem', 'nothing', /key\.pem is no private key/],
    ['the key of another', 'key.pem', 'stranger-key.pem', /key\.pem is not the key of cert\.pem/],
  ];
  for (const [name, file, content, message] of broken)
    test(`certificates with ${name} are told before anybody is asked`, async () => {
      const env = await environment(ports.good);
      const path = join(String(env['DOCKER_CERT_PATH']), file);
      await rm(path);
      if (content?.endsWith('.pem')) await writeFile(path, await readFile(join(folder, content)));
      else if (content) await writeFile(path, content);
      assert.match(await refusalOf(env), message);
    });

  test('what speaks no TLS on the port of an engine is told', async (t) => {
    const server = createServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\n\r\n')); // prettier-ignore
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const address = server.address();
    assert.ok(typeof address === 'object' && address);
    assert.match(
      await refusalOf(await environment(address.port)),
      /there is no TLS in what answers/,
    );
  });
});
