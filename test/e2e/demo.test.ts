import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { findSecrets, written } from '../support/find-secrets.ts';
import { BIN } from '../support/gate.ts';
import { scratch } from '../support/scratch.ts';

test('the demonstration does what it says, and Bob’s agent changes what is Bob’s', async (context) => {
  // Each step asserts what it prints; one that fails ends it with an exit code.
  const cwd = await scratch(context);
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, 'demo', '--keep'], {
    cwd,
    env: { ...process.env, TMPDIR: cwd },
    timeout: 240_000,
  });
  for (const line of [
    /^ {4}bob signed in at http:\/\/127\.0\.0\.1:\d+ \(authorization code, PKCE\)$/mu,
    /^ {4}Bob: tickets__update_ticket .* → Cannot update ticket 2: there is no such ticket$/mu,
    /^ {4}Alice: the same → ticket 2 is in_progress$/mu,
    /^ {4}\| \{"sub":"bob","act":\["sallyport","demo-agent"\],.*"refused","reason":"missing"\}$/mu,
    /^ {4}\| \{"sub":"alice","act":\["sallyport","demo-agent"\],.*"done"\}$/mu,
    /^ {4}the gateway with its own token, for nobody → 401 error="invalid_token"$/mu,
    /^ {4}Bob's token for the gateway, passed on → 401 error="invalid_token"$/mu,
    /^Every step did what it says\.$/mu,
  ])
    assert.match(stdout, line);
  const [, folder = ''] = /^The folder (\S+) stays/mu.exec(stdout) ?? [];
  const [, secret = ''] =
    /secret"?: "?([^\s"}]+)/u.exec(readFileSync(join(folder, 'sallyport.yaml'), 'utf8')) ?? [];
  assert.ok(secret.length > 10);
  const files = written(cwd);
  assert.match(files, /update_ticket/u);
  for (const text of [stdout, files]) {
    assert.doesNotMatch(text, /eyJ[A-Za-z0-9_-]{20}/u, 'a token was written');
    assert.deepEqual(findSecrets(text, { 'of the gateway': secret }), []);
  }
});
