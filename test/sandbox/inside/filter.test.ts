import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import type { Container } from 'dockerode';
import { isJsonObject, parseJson } from '../../../src/lib/json.ts';
import { packageRoot, packageVersion } from '../../../src/lib/package-root.ts';
import { createEnsureImage } from '../../../src/sandbox/images.ts';
import { serverFilter } from '../../../src/sandbox/inside/filter.ts';
import { stringOf } from '../../support/string-of.ts';
import { CACHE, noDocker } from '../support.ts';
import { docker } from './support.ts';

/** libseccomp before 2.5.5 does not know it, so runc cannot refuse it; gVisor does. */
const TOO_NEW = 'fchmodat2';
const ATTACKS = join(packageRoot(), 'test/sandbox/inside/hostile/server.py');
const PROFILE = join(packageRoot(), 'sandbox-images/seccomp.json');

/** What became of each call under a filter, on the kernel of this machine, which has more of them than gVisor. */
async function attacks(filter: string): Promise<Map<string, string>> {
  const ensure = createEnsureImage({ own: {}, version: packageVersion(), cache: CACHE, log() {} });
  let said = '';
  const output = new Writable({
    write(chunk, _, done) {
      said += String(chunk);
      done();
    },
  });
  const code = `import io, sys
sys.stdin = io.StringIO()
${readFileSync(ATTACKS, 'utf8')}\nprint(json.dumps(set_ids('/out')))`;
  const ran: readonly [unknown, Container] = await docker().run(
    await ensure(docker(), 'python'),
    ['python3', '-c', code],
    output,
    {
      Tty: true,
      User: '65534:65534',
      HostConfig: {
        Runtime: 'runc',
        NetworkMode: 'none',
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges:true', `seccomp=${filter}`],
        Tmpfs: { '/out': 'rw,mode=1777,size=1m' },
      },
    },
  );
  await ran[1].remove();
  const came = parseJson(said, { maxBytes: 1 << 20, maxDepth: 8 });
  assert.ok(isJsonObject(came) && isJsonObject(came['made']), said);
  return new Map(
    Object.entries(came['made']).flatMap(([mode, calls]) =>
      Object.entries(isJsonObject(calls) ? calls : {}).map(([name, what]): [string, string] => [
        `${name} ${mode}`,
        stringOf(what),
      ]),
    ),
  );
}

test(
  'the filter of servers refuses every call of Linux that makes a file with rights, and only its own does',
  { skip: noDocker, timeout: 300_000 },
  async () => {
    const base = readFileSync(PROFILE, 'utf8');
    const refused = await attacks(serverFilter(base, { sockets: false }));
    assert.ok(refused.size >= 3 * 13);
    for (const [name, what] of refused)
      if (!name.startsWith(TOO_NEW)) assert.match(what, /^error/u, name);
    const open = await attacks(base);
    const worked = [...open].filter(([, what]) => what === 'done').map(([name]) => name);
    for (const name of ['openat', 'openat without a name', 'openat2', 'openat2 without a name'])
      assert.ok(worked.includes(`${name} 0o4755`), `${name} would have worked`);
  },
);
