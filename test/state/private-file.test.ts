import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeHead } from '../../src/audit/head.ts';
import { Fault } from '../../src/lib/fault.ts';
import {
  createPrivateFile,
  makePrivateFolder,
  openPrivateFile,
  readPrivateFile,
} from '../../src/state/private-file.ts';
import { AuditPlace } from '../support/audit.ts';
import { createGate, realServer } from '../support/gate.ts';

const me = process.geteuid?.() ?? 0;

class Folder {
  readonly root = mkdtempSync(join(tmpdir(), 'sallyport-private-'));

  at(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    assert.ok(thrown instanceof Fault, String(thrown));
    return thrown.message;
  }
  return 'fine';
}

test('a private folder is made for this user alone, and taken again', () => {
  using place = new Folder();
  makePrivateFolder(place.at('a', 'b'));
  assert.equal(statSync(place.at('a', 'b')).mode & 0o777, 0o700);
  makePrivateFolder(place.at('a', 'b'));
});

test('a folder of another user is refused', () => {
  using place = new Folder();
  mkdirSync(place.at('state'), { mode: 0o700 });
  assert.match(
    refusal(() => makePrivateFolder(place.at('state'), me + 1)),
    /another user/,
  );
});

test('a folder that others may write to is refused', () => {
  using place = new Folder();
  mkdirSync(place.at('state'));
  for (const mode of [0o770, 0o720, 0o702, 0o777]) {
    chmodSync(place.at('state'), mode);
    assert.match(
      refusal(() => makePrivateFolder(place.at('state'))),
      /may write/,
    );
  }
});

test('a link in place of a folder is refused', () => {
  using place = new Folder();
  mkdirSync(place.at('elsewhere'), { mode: 0o700 });
  symlinkSync(place.at('elsewhere'), place.at('state'));
  assert.match(
    refusal(() => makePrivateFolder(place.at('state'))),
    /symbolic link/,
  );
  symlinkSync(place.at('nowhere'), place.at('dangling'));
  assert.notEqual(
    refusal(() => makePrivateFolder(place.at('dangling'))),
    'fine',
  );
  assert.ok(!existsSync(place.at('nowhere')));
});

test('a private file is never read or written through a link, nor one of another user', () => {
  using place = new Folder();
  writeFileSync(place.at('other'), 'kept', { mode: 0o600 });
  symlinkSync(place.at('other'), place.at('link'));
  assert.match(
    refusal(() => readPrivateFile(place.at('link'))),
    /symbolic link/,
  );
  assert.match(
    refusal(() => openPrivateFile(place.at('link'), constants.O_WRONLY | constants.O_APPEND)),
    /symbolic link/,
  );
  assert.match(
    refusal(() => readPrivateFile(place.at('other'), me + 1)),
    /another user/,
  );
  assert.equal(createPrivateFile(place.at('link'), 'new'), false);
  assert.equal(readFileSync(place.at('other'), 'utf8'), 'kept');
  chmodSync(place.at('other'), 0o660);
  assert.match(
    refusal(() => openPrivateFile(place.at('other'), constants.O_RDONLY)),
    /may write/,
  );
  closeSync(openPrivateFile(file(place.at('mine')), constants.O_RDONLY));
});

function file(path: string): string {
  createPrivateFile(path, 'x');
  return path;
}

test('a pipe in place of a file does not hold the process', () => {
  using place = new Folder();
  execFileSync('mkfifo', ['-m', '600', place.at('pipe')]);
  assert.match(
    refusal(() => readPrivateFile(place.at('pipe'))),
    /not a file/,
  );
});

test('the head is written past links that were laid for it', () => {
  using place = new Folder();
  writeFileSync(place.at('victim'), 'kept');
  symlinkSync(place.at('victim'), place.at(`head.json.${process.pid}`));
  symlinkSync(place.at('victim'), place.at('head.json'));
  writeHead(place.at('head.json'), { folder: 'f', count: 1, root: '0'.repeat(64) });
  assert.equal(readFileSync(place.at('victim'), 'utf8'), 'kept');
  assert.match(readFileSync(place.at('head.json'), 'utf8'), /"count":1/);
  assert.deepEqual(
    readdirSync(place.root).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('an audit folder with links in place of its files is not written into', async () => {
  for (const name of ['checkpoints', 'audit-key.json']) {
    using place = new AuditPlace();
    mkdirSync(place.path, { mode: 0o700 });
    const victim = join(place.root, 'victim');
    writeFileSync(victim, '');
    symlinkSync(victim, name === 'checkpoints' ? join(place.path, name) : place.stateKeyPath);
    await assert.rejects(place.open(), /symbolic link/);
    assert.equal(readFileSync(victim, 'utf8'), '');
  }
});

test('a gateway does not start on a state folder that others may write to', async (context) => {
  const gate = await createGate(context, { servers: { memory: realServer('memory') } });
  mkdirSync(join(gate.folder, 'state'), { recursive: true });
  chmodSync(join(gate.folder, 'state'), 0o777);
  const { code, stderr } = await gate.run('serve');
  assert.equal(code, 2);
  assert.match(
    stderr,
    /Cannot use the folder .*state: other users of this machine may write to it/,
  );
  assert.match(stderr, /hint: .*chmod go-w/);
});
