import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { command } from '../../src/commands/check.ts';
import { checkInside } from '../../src/commands/check/check-inside.ts';
import { createChecks, type Probe, type Probes } from '../../src/commands/check/checks.ts';
import type { Finding } from '../../src/commands/check/finding.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Denial } from '../../src/denial.ts';
import { Fault } from '../../src/lib/fault.ts';
import { runCommand } from '../support/run-command.ts';
import { scratch } from '../support/scratch.ts';

const FINE: Probe = async () => 'fine';

type Setting = {
  readonly text?: string;
  readonly mode?: number;
  readonly probes?: Partial<Probes>;
  readonly before?: (folder: string) => Promise<unknown>;
};

/** What the checks say about a configuration in a folder of its own; `@` stands for that folder. */
async function findings(context: TestContext, setting: Setting): Promise<readonly Finding[]> {
  const folder = await scratch(context);
  const path = join(folder, 'sallyport.yaml');
  const text = setting.text ?? 'mcpServers: { a: { command: node } }';
  await writeFile(path, `${text}\nstate: { path: ./state }\n`);
  await chmod(path, setting.mode ?? 0o600);
  await setting.before?.(folder);
  const env = { HOME: folder, PATH: process.env['PATH'] };
  const config = await loadConfig({ path, env, cwd: folder });
  const platform = process.platform;
  const inside: Probes['inside'] = async (given) => await checkInside(given, env, () => undefined);
  const probes = {
    env,
    platform,
    policy: FINE,
    pins: FINE,
    sandbox: FINE,
    inside,
    ...setting.probes,
  };
  const found = await Promise.all(createChecks(config, probes).map((check) => check.run()));
  return found.flat().map((finding) => ({
    ...finding,
    message: finding.message.replaceAll(folder, '@'),
  }));
}

const problems: readonly (readonly [name: string, setting: Setting, area: string, message: string])[] = [
  ['a program that is not installed', { text: 'mcpServers: { a: { command: no-such-program } }' }, 'upstream', 'a: the program no-such-program is not found'],
  ['a program that is no file', { text: 'mcpServers: { a: { command: ./x } }', before: (folder) => mkdir(join(folder, 'x')) }, 'upstream', 'a: the program @/x is not found'],
  ['a program that may not run', { text: 'mcpServers: { a: { command: ./x } }', before: (folder) => writeFile(join(folder, 'x'), '', { mode: 0o600 }) }, 'upstream', 'a: the program @/x is not found'],
  ['a folder that is gone', { text: 'mcpServers: { a: { command: node, cwd: ./gone } }' }, 'upstream', 'a: there is no folder @/gone'],
  ['a PATH of its own', { text: 'mcpServers: { a: { command: node, env: { PATH: /nowhere } } }' }, 'upstream', 'a: the program node is not found'],
  ['a state that others can read', { before: async (folder) => { await mkdir(join(folder, 'state')); await chmod(join(folder, 'state'), 0o755); } }, 'state', '@/state can be used by others'],
  ['a key in the state that others can read', { before: async (folder) => { await mkdir(join(folder, 'state'), { mode: 0o700 }); await writeFile(join(folder, 'state', 'key'), '', { mode: 0o644 }); } }, 'state', '@/state/key can be used by others'],
  ['a state that is a file', { text: 'audit: { path: ./audit }', before: (folder) => writeFile(join(folder, 'state'), '', { mode: 0o600 }) }, 'state', '@/state is no folder'],
  ['a configuration that others can write', { mode: 0o666 }, 'configuration', '@/sallyport.yaml can be written by others'],
  ['a lock file that others can write', { before: async (folder) => { await writeFile(join(folder, 'sallyport.lock.json'), '{}'); await chmod(join(folder, 'sallyport.lock.json'), 0o666); } }, 'pins', '@/sallyport.lock.json can be written by others'],
  ['a key for bundles that others can write', { text: 'mcpServers: { a: { command: node } }\npolicy: { bundle: ./b, keys: [./ci.pub] }', before: async (folder) => { await writeFile(join(folder, 'ci.pub'), ''); await chmod(join(folder, 'ci.pub'), 0o666); } }, 'configuration', '@/ci.pub can be written by others'],
  ['policies that do not load', { probes: { policy: async () => { throw new Fault('Cannot load policies: x', { hint: 'y' }); } } }, 'policy', 'Cannot load policies: x'],
  ['a sandbox that is not there', { text: 'builtin: { code: {} }', probes: { sandbox: async () => { throw new Denial('sandbox-unavailable', 'Cannot start a sandbox: no Docker'); } } }, 'sandbox', 'Cannot start a sandbox: no Docker'],
  ['a mount of the state', { text: 'mcpServers: { a: { command: node, args: [-e, "1"], sandbox: { image: sallyport/node, mounts: [{ host: ~/state/audit, path: /x }] } } }', before: async (folder) => { await mkdir(join(folder, 'state', 'audit'), { recursive: true, mode: 0o700 }); } }, 'configuration', 'a: Cannot use mcpServers.a.sandbox.mounts[0].host: @/state/audit lies in the state of the gateway'],
  ['a server that would be downloaded', { text: 'mcpServers: { a: { command: uvx, args: [b], sandbox: { image: sallyport/python } } }' }, 'configuration', 'a: Cannot run a in a sandbox: uvx would have to download what it runs'],
  ['an exchange without a client', { text: 'mcpServers: { a: { url: "https://x.example", auth: { exchange: { audience: x, scopes: [s] } } } }\nidentity: { http: { issuer: "https://i.example", audience: a } }' }, 'upstream', 'a: auth.exchange asks the issuer for tokens, and the gateway is no client there'],
  ['enterprise authorization without a client', { text: 'mcpServers: { a: { url: "https://x.example", auth: { enterprise: { issuer: "https://o.example", client: { id: a, secret: b }, scopes: [s] } } } }\nidentity: { http: { issuer: "https://i.example", audience: a } }' }, 'upstream', 'a: auth.enterprise asks the issuer for tokens, and the gateway is no client there'],
  ['a vault without a key', { text: 'mcpServers: { a: { url: "https://x.example", auth: { login: {} } } }' }, 'upstream', 'a: Cannot open the vault: SALLYPORT_VAULT_KEY is not 32 bytes in base64'],
  ['a check that breaks', { probes: { policy: async () => { throw new Error('secret'); } } }, 'policy', 'Cannot check policy: internal error'],
]; // prettier-ignore

for (const [name, setting, area, message] of problems)
  test(`check finds ${name}, and nothing else`, async (context) => {
    const errors = (await findings(context, setting)).filter(({ level }) => level === 'error');
    assert.deepEqual(
      errors.map((finding) => [finding.area, finding.message]),
      [[area, message]],
    );
  });

const warnings: readonly (readonly [name: string, setting: Setting, message: RegExp])[] = [
  ['plain http', { text: 'mcpServers: { a: { url: "http://example.com" } }' }, /plain http/u],
  ['nothing to stand in front of', { text: '' }, /no server/u],
  ['a secret that others can read', { text: 'mcpServers: { a: { command: node, env: { TOKEN: abcdefgh } } }', mode: 0o644 }, /holds secrets/u],
  ['metrics for everybody', { text: 'mcpServers: { a: { command: node } }\nhttp: { metrics: "0.0.0.0:9464" }' }, /http\.metrics is 0\.0\.0\.0:9464: whoever reaches it/u],
  ['a credential of everybody’s', { text: 'mcpServers: { a: { command: node, auth: { shared: { env: { TOKEN: abcdefgh } } } } }' }, /a is reached with one credential for all callers, for read/u],
  ['no lock file', {}, /every tool is quarantined/u],
]; // prettier-ignore

for (const [name, setting, message] of warnings)
  test(`check warns of ${name}`, async (context) => {
    const found = await findings(context, setting);
    assert.ok(found.some(({ level, message: said }) => level === 'warning' && message.test(said)));
    assert.ok(found.every(({ level }) => level !== 'error'));
  });

test('the sandbox is looked at only when the configuration offers code tools', async (context) => {
  const areas = (await findings(context, {})).map(({ area }) => area);
  assert.ok(!areas.includes('sandbox'));
});

test('a server that is off may lack its program', async (context) => {
  const text = 'mcpServers: { a: { command: nowhere, disabled: true }, b: { command: node } }';
  assert.ok((await findings(context, { text })).every(({ level }) => level !== 'error'));
});

test('--json is one document with every problem of an unusable configuration, exit 2', async (context) => {
  const folder = await scratch(context);
  await writeFile(join(folder, 'sallyport.yaml'), 'polcy: {}\nscan: { mark: 2 }\n');
  const place = { env: { HOME: folder }, cwd: folder };
  const { exit, stdout } = await runCommand(command, ['--json'], place);
  assert.equal(exit, 2);
  const said: unknown = JSON.parse(stdout);
  assert.deepEqual(said, {
    ok: false,
    config: null,
    findings: [
      ':1:1: Cannot use polcy: there is no such key, did you mean policy?',
      ':2:9: Cannot use scan.mark: too big: expected number to be <=1',
      ':2:9: Cannot use scan.mark: it is above block (2 > 0.9)',
    ].map((message) => ({
      area: 'configuration',
      level: 'error',
      message: join(folder, 'sallyport.yaml') + message,
      hint: 'sallyport.example.yaml in the package shows every key',
    })),
  });
  const text = await runCommand(command, [], place);
  assert.match(text.stdout, /^error {4}configuration {2}.*:1:1: Cannot use polcy/u);
});
