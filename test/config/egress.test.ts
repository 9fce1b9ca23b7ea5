import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { scratch } from '../support/scratch.ts';

test('a secret for code is a secret of the configuration, from a variable or written out', async (t) => {
  const cwd = await scratch(t);
  const path = join(cwd, 'sallyport.yaml');
  await writeFile(
    path,
    `builtin: { code: { egress: [api.example.com,
      { to: api.example.net, secret: { name: A, value: "\${API_TOKEN}" } },
      { to: api.example.org, secret: { name: B, value: written-out, header: X-Api-Key } }] } }`,
  );
  const config = await loadConfig({ path, cwd, env: { HOME: cwd, API_TOKEN: 'from-variable' } });
  assert.deepEqual(config.builtin.code?.egress, [
    { host: 'api.example.com', port: 443, wildcard: false, plain: false },
    {
      host: 'api.example.net',
      port: 443,
      wildcard: false,
      plain: false,
      secret: { name: 'A', header: 'authorization', value: 'from-variable' },
    },
    {
      host: 'api.example.org',
      port: 443,
      wildcard: false,
      plain: false,
      secret: { name: 'B', header: 'x-api-key', value: 'written-out' },
    },
  ]);
  for (const secret of ['from-variable', 'written-out'])
    assert.ok(config.secrets.includes(secret), secret);
});

test('trusted hosts are names in one spelling', async (t) => {
  const cwd = await scratch(t);
  const path = join(cwd, 'sallyport.yaml');
  await writeFile(
    path,
    'policy: { trustedHosts: [API.Example.com, "*.bücher.example", "a.example.net:8443"] }',
  );
  const config = await loadConfig({ path, cwd, env: { HOME: cwd } });
  assert.deepEqual(config.policy.trustedHosts, [
    { host: 'api.example.com', port: 443, wildcard: false, plain: false },
    { host: 'xn--bcher-kva.example', port: 443, wildcard: true, plain: false },
    { host: 'a.example.net', port: 8443, wildcard: false, plain: false },
  ]);
});
