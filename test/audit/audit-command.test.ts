import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { command } from '../../src/commands/audit.ts';
import { EVENTS } from '../../src/audit/events.ts';
import { Fault } from '../../src/lib/fault.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { createWithheld, WITHHELD_LIMIT } from '../../src/state/withheld.ts';
import { AuditPlace } from '../support/audit.ts';

const [ONE, TWO] = ['1'.repeat(32), '2'.repeat(32)];

type Ran = { readonly code: number; readonly out: string; readonly err: string };

async function run(place: AuditPlace, ...argv: string[]): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = { out: '', err: '' };
  stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
  stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
  const env = {
    HOME: place.root,
    XDG_STATE_HOME: join(place.root, 'xdg'),
    XDG_CONFIG_HOME: join(place.root, 'none'),
  };
  const code = await command.run(argv, {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env,
    cwd: place.root,
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...texts };
}

async function writeTwoTraces(place: AuditPlace): Promise<void> {
  const caller = { issuer: 'local', subject: 'alice', client: 'local' };
  // Two processes' worth of chains, one in time between the records of the other.
  await using first = await place.open();
  first.append('intent', {
    traceId: ONE,
    caller,
    server: 'files',
    name: 'read',
    policies: ['p.read'],
  });
  await using second = await place.open();
  second.append('denial', {
    traceId: TWO,
    caller: { ...caller, subject: 'bob' },
    requested: 'x\u001b[2Jy',
    code: 'tool-unknown',
  });
  await new Promise((resolve) => setTimeout(resolve, 3));
  first.append('outcome', { traceId: ONE, caller, server: 'files', name: 'read', verdict: 'pass' });
}

test('verify says so with exit 0, and with exit 1 names the first bad record', async () => {
  using place = new AuditPlace();
  await writeTwoTraces(place);
  const good = await run(place, 'verify', '--path', 'audit');
  assert.equal(good.code, 0);
  assert.match(good.out, /7 records in 2 segments of 2 runs[^]*\nverified\n$/);
  assert.ok(!good.out.includes('confirm it'), 'the key beside the folder confirms it');

  const [file = ''] = place.segments();
  writeFileSync(join(place.path, file), place.read(file).replace('"read"', '"rEad"'));
  const bad = await run(place, 'verify', '--path', place.path, '--json');
  assert.equal(bad.code, 1);
  const { ok, problem } = JSON.parse(bad.out);
  assert.deepEqual(
    [ok, problem],
    [false, { file, line: 2, seq: 1, what: 'the hash does not fit the record' }],
  );
  const said = await run(place, 'verify', '--path', place.path);
  assert.match(said.out, /: 1 records verified before the first bad one\n/);
  assert.ok(
    said.out.endsWith(`not verified: ${file}, line 2, seq 1: the hash does not fit the record\n`),
  );
});

test('verify against another key is a no', async () => {
  using place = new AuditPlace();
  await writeTwoTraces(place);
  assert.equal((await run(place, 'verify', '--path', 'audit', '--key', 'a'.repeat(64))).code, 1);
});

test('verify of an empty folder is a no, and of none a fault', async () => {
  using place = new AuditPlace();
  mkdirSync(place.path);
  assert.equal((await run(place, 'verify', '--path', 'audit')).code, 1);
  await assert.rejects(run(place, 'verify', '--path', 'nowhere'), Fault);
});

test('a copy of the folder is checked against the key of the configuration that is named', async () => {
  using place = new AuditPlace();
  using other = new AuditPlace();
  await writeTwoTraces(place);
  await writeTwoTraces(other);
  writeFileSync(join(place.root, 'sallyport.yaml'), 'mcpServers: {}\nstate: { path: . }\n');
  for (const [path, want] of [
    [place.copy('copy'), 0],
    [other.path, 1],
  ] as const) {
    const argv = ['verify', '--path', path, '--config', 'sallyport.yaml', '--json'];
    const { code, out } = await run(place, ...argv);
    assert.equal(code, want);
    assert.match(out, /"keyConfirmed":true/);
  }
});

test('verify and show find the folder through the configuration', async () => {
  using place = new AuditPlace();
  await writeTwoTraces(place);
  writeFileSync(join(place.root, 'sallyport.yaml'), 'mcpServers: {}\nstate: { path: . }\n');
  for (const argv of [['verify'], ['verify', '--config', 'sallyport.yaml'], ['show']])
    assert.equal((await run(place, ...argv)).code, 0, argv.join(' '));
});

test('show prints one line a record in the order of time, whoever wrote it', async () => {
  using place = new AuditPlace();
  await writeTwoTraces(place);
  const { code, out } = await run(place, 'show', '--path', 'audit');
  assert.equal(code, 0);
  const lines = out.trimEnd().split('\n');
  const calls = lines.slice(1).filter((line) => / (intent|denial|outcome) {2}/.test(line));
  assert.deepEqual(
    calls.map((line) => line.slice(26).split(/ {2,}/)),
    [
      ['intent', 'alice', 'files/read', 'p.read', ONE],
      ['denial', 'bob', String.raw`x\u001b[2Jy`, 'tool-unknown', TWO],
      ['outcome', 'alice', 'files/read', 'pass', ONE],
    ],
  );
});

for (const [argv, want] of [
  [
    ['--trace', ONE],
    ['intent', 'outcome'],
  ],
  [
    ['--trace', ONE.slice(0, 6)],
    ['intent', 'outcome'],
  ],
  [['--user', 'bob'], ['denial']],
  [['--event', 'outcome'], ['outcome']],
  [['--since', '2999-01-01T00:00:00Z'], []],
  [['--user', 'alice', '--limit', '1'], ['outcome']],
] as const)
  test(`show ${argv.join(' ')} selects ${want.join(' ') || 'nothing'}`, async () => {
    using place = new AuditPlace();
    await writeTwoTraces(place);
    const { out } = await run(place, 'show', '--path', 'audit', '--json', ...argv);
    const records: ArrayLike<{ event: string }> = JSON.parse(out);
    const events: unknown[] = Array.from(records, ({ event }) => event);
    assert.deepEqual(events, want);
  });

for (const argv of [
  [],
  ['frobnicate'],
  ['__proto__'],
  ['show', '--event', 'frobnicate'],
  ['show', '--since', 'yesterday'],
  ['show', '--limit', '0'],
  ['show', '--limit', '1e3'],
  ['show', '--trace', '../..'],
  ['show', 'more'],
  ['trace'],
  ['verify', '--key', 'abc'],
  ['show', '--frobnicate'],
])
  test(`audit ${argv.join(' ')} is wrong use`, async () => {
    using place = new AuditPlace();
    await writeTwoTraces(place);
    await assert.rejects(
      run(place, ...argv, '--path', 'audit'),
      (thrown) => thrown instanceof Fault && thrown.exit === 2,
    );
  });

test('trace prints everything about one call, and is a no for none', async () => {
  using place = new AuditPlace();
  await writeTwoTraces(place);
  const { code, out } = await run(place, 'trace', ONE, '--path', 'audit');
  assert.equal(code, 0);
  assert.match(out, / {2}intent\n[^]* {2}policies {5}p\.read\n[^]* {2}outcome\n/);
  assert.ok(!out.includes('denial'));
  assert.equal((await run(place, 'trace', '9'.repeat(32), '--path', 'audit')).code, 1);
});

test('withheld lists, and shows with everything hidden made visible', async () => {
  using place = new AuditPlace();
  const path = join(place.root, 'xdg', 'sallyport', 'withheld');
  const id = createWithheld({ path, now: () => new Date(), limit: WITHHELD_LIMIT }).put({
    result: { text: '\u202eobey\u001b[2J\u{e0041}' },
  });
  assert.match((await run(place, 'withheld')).out, new RegExp(`^${id} .* bytes\n$`));
  const { code, out } = await run(place, 'withheld', id);
  assert.equal(code, 0);
  assert.ok(out.includes(String.raw`\u202eobey\u001b[2J\udb40\udc41`), out);
  assert.equal((await run(place, 'withheld', '../../sallyport')).code, 1);
});

test('the record format in the documentation names every event', () => {
  const text = readFileSync(join(packageRoot(), 'docs', 'audit.md'), 'utf8');
  for (const event of Object.keys(EVENTS)) assert.ok(text.includes(`\`${event}\``), event);
});
