import assert from 'node:assert/strict';
import { before, describe, test, type TestContext } from 'node:test';
import type { AuditRecord } from '../../../src/audit/record.ts';
import { isJsonObject } from '../../../src/lib/json.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../../support/frames-client.ts';
import { createGate, type Gate, type GateSetting } from '../../support/gate.ts';
import { inInternet, noInternet, seenIn } from '../../support/in-internet.ts';
import type { Language } from '../../../src/sandbox/languages.ts';
import { scratch } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';
import { noDocker, openSandbox, run } from '../support.ts';

const SECRET = 'correct-horse-battery-staple';
const EGRESS = [
  { to: 'api.example.com', secret: { name: 'TOKEN', value: '${API_TOKEN}' } },
  'http://mirror.example.com',
  'metadata.example.com',
  'here.example.com',
  'http://here.example.com',
  { to: 'db.example.com', private: true },
  { to: 'metadata.example.com:80', private: true },
  { to: 'http://here.example.com:8080', private: true },
];

type Line = { readonly gate: Gate; readonly client: FramesClient; readonly folder: string };

/** A whole gateway on the internet of the tests. */
async function open(context: TestContext, setting: Partial<GateSetting> = {}): Promise<Line> {
  const code = { egress: EGRESS, timeoutMs: 60_000 };
  const gate = await createGate(context, {
    servers: {},
    pinned: false,
    config: { builtin: { code } },
    ...setting,
  });
  const folder = await scratch(context);
  const { args, ...rest } = serve(gate);
  const program = {
    ...rest,
    args: [...args, '--log-level', 'trace'],
  };
  const client = startFrames(context, inInternet(folder, program));
  await client.open();
  return { gate, client, folder };
}

const TRACE = 'a'.repeat(32);

async function execute(
  client: FramesClient,
  language: string,
  code: string,
  meta: Record<string, string | { traceId: string }> = {},
): Promise<{ stdout: unknown; answer: Frame }> {
  const params = { name: `code__execute_${language}`, arguments: { code }, _meta: meta };
  const answer = await client.request('tools/call', params);
  const { result } = answer;
  const content = isJsonObject(result) ? result['structuredContent'] : undefined;
  assert.ok(isJsonObject(content), JSON.stringify(answer));
  return { stdout: content['stdout'] || content['stderr'], answer };
}

const egressOf = (gate: Gate): AuditRecord[] =>
  gate.audit().filter(({ event }) => event === 'egress');

const URLS = [
  'https://api.example.com/',
  'http://mirror.example.com/',
  'http://api.example.com:443/',
];

/** One call each: after what came from outside, the next one waits for a person. */
const PROGRAMS = {
  python: `import urllib.request
for url in ${JSON.stringify(URLS)}:
    request = urllib.request.Request(url, headers={'Authorization': 'Bearer {{TOKEN}}'})
    print(urllib.request.urlopen(request).read().decode())`,
  javascript: `for (const url of ${JSON.stringify(URLS)}) {
  const answer = await fetch(url, { headers: { Authorization: 'Bearer {{TOKEN}}' } });
  console.log(await answer.text());
}
export {};`,
  bash: `for url in ${URLS.join(' ')}; do curl -sS -H 'Authorization: Bearer {{TOKEN}}' $url; echo; done`,
} as const satisfies Record<Language, string>;

/** Everything a program can look at. */
const LOOK_AROUND = `import os, urllib.request, sys
found = repr(os.environ)
for root in ('/run/egress', '/proc/self', '/proc/1', '/tmp', '/work', '/etc'):
    for folder, _, files in os.walk(root):
        for name in files:
            try:
                if os.path.isfile(os.path.join(folder, name)):
                    found += open(os.path.join(folder, name), errors='replace').read(1 << 20)
            except OSError:
                pass
request = urllib.request.Request('http://api.example.com:443/echo', headers={'Authorization': 'Bearer {{TOKEN}}'})
answer = urllib.request.urlopen(request)
found += answer.read().decode() + str(answer.headers)
print(len(found), '-'.join(['correct', 'horse']) in found, 'you said' in found)`;

describe('a whole gateway', { skip: noDocker || noInternet }, () => {
  before(async () => {
    process.env['API_TOKEN'] = SECRET;
    // Images are made of what the real network has.
    const sandbox = openSandbox();
    for (const language of ['python', 'javascript', 'bash'] as const)
      await run(sandbox, { language, code: '' });
    await sandbox.close();
  });

  for (const language of ['python', 'javascript', 'bash'] as const)
    test(`${language}: connects, and the audit says for which call`, async (t) => {
      const { gate, client, folder } = await open(t);
      const { stdout } = await execute(client, language, PROGRAMS[language], {
        'sallyport/terms': { traceId: TRACE },
        'Sallyport/terms': { traceId: TRACE },
      });
      assert.deepEqual(String(stdout).match(/hello from \S+/gu), [
        'hello from api.example.com',
        'hello from mirror.example.com',
        'hello from api.example.com',
      ]);
      // A client may keep a connection until its program has ended.
      await until(() => egressOf(gate).length === 2 * URLS.length);
      const records = egressOf(gate);
      const places = ['api.example.com:443', URLS[1], URLS[2]];
      for (const step of ['opened', 'closed']) {
        const of = records.filter((record) => record['step'] === step);
        assert.deepEqual(new Set(of.map(({ to }) => to)), new Set(places));
        assert.ok(of.every(({ address }) => address === '93.184.216.34'));
      }
      const intent = gate.audit().find(({ event }) => event === 'intent');
      const traces = new Set(records.map(({ traceId }) => traceId));
      assert.deepEqual([...traces], [intent?.['traceId']]);
      assert.ok(!traces.has(TRACE), 'a client does not say which call it is');
      assert.deepEqual(seenIn(folder), [
        { place: '93.184.216.34:443', authorization: 'Bearer {{TOKEN}}' },
        { place: '93.184.216.34:80', authorization: 'Bearer {{TOKEN}}' },
        { place: '93.184.216.34:443', authorization: `Bearer ${SECRET}` },
      ]);
    });

  test('a secret is nowhere but at its host', async (t) => {
    const { gate, client, folder } = await open(t);
    const { stdout } = await execute(client, 'python', LOOK_AROUND);
    assert.match(String(stdout), /^\d{5,} False True\n/u);
    assert.equal(seenIn(folder).at(-1)?.authorization, `Bearer ${SECRET}`);
    assert.equal(egressOf(gate).at(-1)?.['placeholder'], 'TOKEN');
    const listed = await client.request('tools/list');
    assert.match(JSON.stringify(listed), /\{\{TOKEN\}\}/u);
    assert.equal(await client.end(), 0);
    for (const [where, text] of Object.entries({
      files: gate.everything(),
      log: client.stderr(),
      frames: JSON.stringify(client.received),
    })) {
      assert.ok(text.length > 50, where);
      for (const form of [SECRET, btoa(SECRET), Buffer.from(SECRET).toString('hex')])
        assert.ok(!text.includes(form), `${form} in ${where}`);
    }
  });

  test('a policy leaves less of the list, and a client cannot give itself more', async (t) => {
    const { gate, client, folder } = await open(t, {
      policy: `@id("all") permit(principal, action, resource);
        @id("mirror") @egress("http://mirror.example.com other.example.com")
        forbid(principal, action in Action::"code_execution", resource)
        unless { context.pep.enforce.contains("egress") };`,
    });
    const urls = [...URLS, 'https://other.example.com/'];
    const code = `for url in ${urls.join(' ')}; do curl -sS $url 2>&1; echo; done`;
    const { stdout } = await execute(client, 'bash', code, {
      'sallyport/terms': { traceId: TRACE },
    });
    assert.match(String(stdout), /hello from mirror\.example\.com/u);
    assert.match(String(stdout), /the policies do not allow this call to connect there/u);
    assert.deepEqual(
      egressOf(gate).flatMap(({ step, to }) => (step === 'refused' ? [to] : [])),
      ['api.example.com:443', URLS[2], 'other.example.com:443'],
    );
    assert.equal(seenIn(folder).length, 1);
    const intent = gate.audit().find(({ event }) => event === 'intent');
    assert.deepEqual(isJsonObject(intent?.['obligations']) && intent['obligations']['egress'], [
      'http://mirror.example.com other.example.com',
    ]);
    const told = await gate.run('explain', '--as', 'alice:eng', 'code/execute_bash');
    assert.match(
      told.stdout,
      /^enforced: .*egress http:\/\/mirror\.example\.com other\.example\.com$/mu,
    );
  });

  test('a private host answers where the configuration says that it is one', async (t) => {
    const { gate, client, folder } = await open(t);
    const urls =
      'https://db.example.com/ http://metadata.example.com:80/ http://here.example.com:8080/';
    const code = `for url in ${urls}; do curl -sS $url 2>&1; echo; done`;
    const { stdout } = await execute(client, 'bash', code);
    assert.match(String(stdout), /hello from db\.example\.com/u);
    assert.deepEqual(
      seenIn(folder).map(({ place }) => place),
      ['10.20.30.40:443'],
    );
    assert.deepEqual(
      egressOf(gate).flatMap(({ step, reason }) => (step === 'refused' ? [reason] : [])),
      ['address-not-public', 'address-not-public'],
    );
  });

  for (const [name, url, reason] of [
    ['a host that is not listed', 'https://other.example.com/', 'not-allowed'],
    ['a name of the metadata service', 'https://metadata.example.com/', 'address-not-public'],
    ['a name of this machine', 'http://here.example.com/', 'address-not-public'],
  ] as const)
    test(`${name} is refused, and written down with the call`, async (t) => {
      const { gate, client, folder } = await open(t);
      await execute(client, 'bash', `curl -sS ${url} 2>&1; echo`);
      const [refused, ...more] = egressOf(gate);
      assert.deepEqual([refused?.['step'], refused?.['reason'], more], ['refused', reason, []]);
      assert.equal(
        refused?.['traceId'],
        gate.audit().find(({ event }) => event === 'intent')?.['traceId'],
      );
      assert.deepEqual(seenIn(folder), []);
    });
});
