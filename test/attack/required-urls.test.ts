import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createHostileGate, type HostileGate } from '../support/gate.ts';
import { INJECTION, TRACE } from '../support/hostile-tools.ts';
import { modernRequest } from '../support/modern-frames.ts';
import { denialOf } from '../support/replies.ts';

const URL = 'https://pages.example/sign-in';
const PAGE = { mode: 'url', url: URL, message: 'Sign in, please', elicitationId: 'e1' };
const CAN: JsonObject = { elicitation: { form: {}, url: {} } };
const ALL = '@id("all") permit (principal, action, resource);';
const FORBIDDEN = `${ALL}
  @id("no-questions") forbid (principal, action == Action::"elicitation/create", resource);`;
const ASKED = `${ALL}
  @id("ask-first") @requires_approval("user")
  forbid (principal, action == Action::"elicitation/create", resource)
  unless { context.pep.approvals.contains("user") };`;

type Setting = {
  readonly policy?: string;
  readonly capabilities?: JsonObject;
  readonly accepts?: boolean;
};

type Client = { readonly gate: HostileGate; readonly client: FramesClient };
type Failed = { readonly gate: HostileGate; readonly answer: Frame; readonly seen: string };

/** Calls a tool that fails with -32042 and this data, as a legacy client of its own for each setting. */
function createFail(
  context: TestContext,
): (data: JsonObject, setting?: Setting) => Promise<Failed> {
  const clients = new Map<string, Client>();
  async function open({
    policy = ALL,
    capabilities = CAN,
    accepts = true,
  }: Setting): Promise<Client> {
    const gate = await createHostileGate(context, { policy });
    const client = startFrames(context, serve(gate));
    client.answer = () => ({ result: { action: accepts ? 'accept' : 'decline' } });
    await client.open(capabilities);
    return { gate, client };
  }
  return async function fail(data, setting = {}) {
    const key = JSON.stringify(setting);
    const { gate, client } = clients.get(key) ?? (await open(setting));
    clients.set(key, { gate, client });
    const from = client.received.length;
    const error = { code: -32042, message: 'open this', data };
    const call = { name: 'bad__read_error', arguments: { error } };
    const answer = await client.request('tools/call', call);
    // The gate's own form shows a person what is asked for.
    const seen = client.received
      .slice(from)
      .filter(({ method }) => method !== 'elicitation/create');
    return { gate, answer, seen: JSON.stringify(seen) };
  };
}

test('pages that a failed call wants opened', async (context) => {
  const fail = createFail(context);

  await context.test('are decided about like questions, and say who asks', async () => {
    const forged = { ...PAGE, _meta: { 'sallyport/denial': {} } };
    const { gate, answer } = await fail({ elicitations: [forged], more: 1 });
    assert.deepEqual(answer['error'], {
      code: -32042,
      message: 'open this',
      data: { elicitations: [{ ...PAGE, message: '[bad] Sign in, please' }] },
    });
    const events = gate.audit().filter(({ method }) => method === 'elicitation/create');
    assert.deepEqual(
      events.map(({ event }) => event),
      ['intent', 'outcome'],
    );
  });

  for (const [why, data, setting, code] of [
    ['are forbidden', { elicitations: [PAGE] }, { policy: FORBIDDEN }, 'policy-denied'],
    [
      'are not approved',
      { elicitations: [PAGE] },
      { policy: ASKED, accepts: false },
      'approval-denied',
    ],
    [
      'were not declared',
      { elicitations: [PAGE] },
      { capabilities: { elicitation: {} } },
      'upstream-failed',
    ],
    [
      'meet a client without elicitation',
      { elicitations: [PAGE] },
      { capabilities: {} },
      'upstream-failed',
    ],
    [
      'instruct the model',
      { elicitations: [{ ...PAGE, message: INJECTION }] },
      {},
      'output-withheld',
    ],
    [
      'instruct it in their address',
      { elicitations: [{ ...PAGE, url: `${URL}?q=${INJECTION}` }] },
      {},
      'output-withheld',
    ],
    [
      'have no text that could say who asks',
      { elicitations: [{ ...PAGE, message: undefined }] },
      {},
      'arguments-invalid',
    ],
    ['are no pages', { elicitations: [{ ...PAGE, mode: 'form' }] }, {}, 'output-invalid'],
    [
      'are too many',
      { elicitations: Array.from({ length: 17 }, () => PAGE) },
      {},
      'output-invalid',
    ],
    ['are none', { elicitations: [], url: URL }, {}, 'output-invalid'],
    ['are not a list', { elicitations: PAGE }, {}, 'output-invalid'],
  ] as const)
    await context.test(`do not reach the client where they ${why}: ${code}`, async () => {
      const { answer, seen } = await fail(data, setting);
      assert.equal(denialOf(answer), code, JSON.stringify(answer));
      assert.doesNotMatch(seen, /pages\.example/u);
      assert.doesNotMatch(seen, new RegExp(TRACE, 'u'));
    });

  await context.test('come once the person has approved them', async () => {
    const { answer } = await fail({ elicitations: [PAGE] }, { policy: ASKED });
    assert.match(JSON.stringify(answer['error']), /-32042.*pages\.example/u);
  });
});

test('a modern client is asked to open the pages before it calls again', async (context) => {
  const gate = await createHostileGate(context);
  const client = startFrames(context, serve(gate));
  const error = { code: -32042, message: 'open this', data: { elicitations: [PAGE] } };
  async function call(more: JsonObject = {}): Promise<JsonObject> {
    const params = { name: 'bad__read_error', arguments: { error }, ...more };
    const { params: whole } = modernRequest('tools/call', params);
    assert.ok(isJsonObject(whole));
    return await client.request('tools/call', whole);
  }
  const { result } = await call();
  assert.ok(isJsonObject(result) && isJsonObject(result['inputRequests']));
  assert.equal(result['resultType'], 'input_required');
  // Nothing waits at the server: the retry is a call of its own, decided from the beginning.
  assert.equal(result['requestState'], undefined);
  const [key = ''] = Object.keys(result['inputRequests']);
  const question = result['inputRequests'][key];
  assert.ok(isJsonObject(question) && isJsonObject(question['params']));
  const { message, url, mode, elicitationId } = question['params'];
  assert.deepEqual([message, url, mode], ['[bad] Sign in, please', PAGE.url, 'url']);
  assert.equal(elicitationId, undefined);

  await context.test('again while the server still wants it', async () => {
    const { result: again } = await call({ inputResponses: { [key]: { action: 'accept' } } });
    assert.ok(isJsonObject(again) && isJsonObject(again['inputRequests']));
    assert.deepEqual(Object.keys(again['inputRequests']), [key]);
  });

  for (const action of ['decline', 'cancel'])
    await context.test(`and hears why the call fails where the person says ${action}`, async () => {
      const answer = await call({ inputResponses: { [key]: { action } } });
      assert.ok(isJsonObject(answer['error']));
      assert.equal(answer['error']['code'], -32603);
      assert.match(JSON.stringify(answer['error']), /\[bad\] Sign in, please/u);
    });
});
