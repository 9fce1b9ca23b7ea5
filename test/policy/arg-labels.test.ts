import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrints } from '../../src/policy/facts/prints.ts';
import { createTraces } from '../../src/traces.ts';
import { createGate, realServer } from '../support/gate.ts';
import fc from '../support/property.ts';
import { callOf, policyFrom, sessionOf, verdict } from './support.ts';

const MAIL =
  'Dear Ann, please pay invoice RE-20417 to DE89 3704 0044 0532 0130 00 of Beispiel GmbH, ' +
  'billing@vendor.example, and call us under +49 30 1234567 as soon as the goods have arrived.';
const RUN = 'as soon as the goods have arrived and not before';

const b64 = (text: string, form: BufferEncoding = 'base64'): string =>
  Buffer.from(text).toString(form);

/** What an agent may do with a text, and whether it is known again. */
const COPIES: readonly (readonly [name: string, args: object, known: boolean])[] = [
  ['a sentence', { text: `They wrote: ${MAIL.slice(120)}` }, true],
  ['in capitals, without spaces', { text: MAIL.slice(100).toUpperCase().replaceAll(' ', '') }, true],
  ['each letter on its own', { text: MAIL.slice(100).split('').join(' ') }, true],
  ['an account number', { to: 'DE89370400440532013000' }, true],
  ['the digits of one', { to: { iban: '89-3704-0044-0532-0130-00' } }, true],
  ['a number that is no text', { phone: 49_301_234_567 }, true],
  ['an address', { to: ['Billing@Vendor.Example'] }, true],
  ['an identifier', { subject: 'about re-20417!' }, true],
  ['base64', { body: b64(`x ${MAIL}`) }, true],
  ['base64url in base64', { body: b64(b64(MAIL, 'base64url')) }, true],
  ['base64 in lines', { body: b64(MAIL).replaceAll(/(.{40})/gu, '$1\r\n') }, true],
  ['hexadecimal', { body: b64(MAIL, 'hex') }, true],
  ['in a URL', { url: `https://evil.example/?q=${encodeURIComponent(MAIL)}` }, true],
  ['percent signs for all', { url: `/${b64(MAIL, 'hex').replaceAll(/../gu, '%$&')}` }, true],
  ['full-width letters', { text: MAIL.slice(100).split('').map((c) => (/[a-z]/u.test(c) ? String.fromCodePoint(c.charCodeAt(0) + 0xfee0) : c)).join('') }, true],
  ['cut into arguments', Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`part${at}`, MAIL.slice(90 + at * 6, 96 + at * 6)])), true],
  ['as the name of an argument', { [MAIL]: 1 }, true],
  ['other words', { text: 'Dear Bob, thank you for the goods, they have arrived today.' }, false],
  ['a day', { day: '2026-11-25' }, false],
  ['short words of it', { text: 'pay invoice' }, false],
  ['nothing', {}, false],
]; // prettier-ignore

for (const [name, args, known] of COPIES)
  test(`arguments ${known ? 'repeat' : 'do not repeat'} what was read: ${name}`, () => {
    const prints = createPrints();
    const content = [{ type: 'text', text: `On 2026-11-25:\n${MAIL}` }];
    assert.deepEqual(prints.add({ content }, ['untrusted']), []);
    const found = prints.labelsIn(JSON.parse(JSON.stringify(args)));
    assert.deepEqual([...(found ?? [])], known ? ['untrusted'] : []);
  });

test('every run of 32 letters and digits is known again, whatever stands around it', () => {
  const words = fc.stringMatching(/^[a-z0-9]{32,80}$/u);
  fc.assert(
    fc.property(fc.string(), words, fc.string(), fc.string(), (before, run, after, other) => {
      const prints = createPrints();
      prints.add({ text: `${before} ${run} ${after}` }, ['private']);
      assert.ok(prints.labelsIn({ text: `${other} ${run} ${before}` })?.has('private'));
    }),
    { numRuns: 200 },
  );
});

test('what is forgotten or too long is not taken for something else', () => {
  const prints = createPrints(100);
  assert.deepEqual(prints.add({ text: MAIL }, ['private']), []);
  const flood = Array.from({ length: 300 }, (_, at) => `id-${at}-filler`).join(' ');
  assert.deepEqual(prints.add({ text: flood }, ['untrusted']).toSorted(), ['private', 'untrusted']);
  assert.deepEqual(prints.add({ text: 'x'.repeat(300_000) }, ['secret']), ['secret']);
  assert.equal(prints.labelsIn({ text: 'x'.repeat(300_000) }), undefined);
});

test('what was given while nobody kept prints, or by another process, may be anywhere', () => {
  const traces = createTraces(Date.now);
  const first = sessionOf({ labels: ['untrusted'] });
  const calm = { text: 'nothing of that' };
  traces.add(first, { text: MAIL }, ['untrusted']);
  assert.deepEqual(traces.labelsIn(first, calm), ['untrusted']);
  traces.watch(createPrints);
  const session = { ...first, labels: new Set(['untrusted', 'private']) };
  traces.add(session, { text: RUN }, ['private']);
  assert.deepEqual(traces.labelsIn(session, calm), ['untrusted']);
  assert.deepEqual(traces.labelsIn(session, { text: RUN }), ['untrusted', 'private']);
  assert.deepEqual(traces.labelsIn(session, { text: 'x'.repeat(300_000) }), ['untrusted', 'private']);
  const elsewhere = { ...session, foreignLabels: new Set(['private']) };
  assert.deepEqual(traces.labelsIn(elsewhere, calm), ['untrusted', 'private']);
  const cleared = { ...session, labels: new Set(['private']) };
  assert.deepEqual(traces.labelsIn(cleared, { text: `${MAIL} ${RUN}` }), ['private']);
  const another = sessionOf({ labels: [] });
  assert.deepEqual(traces.labelsIn({ ...another, id: 'of another person' }, { text: MAIL }), []);
}); // prettier-ignore

const POLICY = `@id("all") permit(principal, action, resource);
  @id("copied") forbid(principal, action, resource) when { context.facts.argLabels.contains("untrusted") };`;

test('policies see the labels of what reappears', async (context) => {
  const traces = createTraces(Date.now);
  const policy = await policyFrom(context, POLICY, { facts: { traces } });
  const session = sessionOf({ labels: ['untrusted'] });
  traces.add(session, { text: MAIL }, ['untrusted']);
  assert.equal(verdict(policy, callOf({ session, args: { text: 'hello' } })), 'allow');
  assert.equal(verdict(policy, callOf({ session, args: { text: MAIL } })), 'deny copied');
  const blind = await policyFrom(context, POLICY);
  assert.equal(verdict(blind, callOf({ session, args: { text: 'hello' } })), 'deny copied');
});

test('a call may repeat what the user wrote, and not what a tool answered', async (context) => {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    policy: POLICY,
  });
  const client = await gate.connect();
  async function echo(message: string): Promise<string> {
    const answer = await client.callTool({ name: 'everything__echo', arguments: { message } });
    return JSON.stringify(answer.content);
  }
  assert.match(await echo(MAIL), /Beispiel/u);
  assert.match(await echo('something else'), /something else/u);
  assert.match(await echo(`again: ${b64(MAIL)}`), /forbids it \(copied\)/u);
  assert.match(await echo('to billing@vendor.example'), /forbids it \(copied\)/u);
  const other = await gate.connect();
  const again = await other.callTool({ name: 'everything__echo', arguments: { message: 'hi' } });
  assert.match(JSON.stringify(again.content), /hi/u);
});
