import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type FramesClient } from '../support/frames-client.ts';
import { createHostileGate, type HostileGate } from '../support/gate.ts';
import { denialOf, listedIn, rpcCodeOf } from '../support/replies.ts';
import { until } from '../support/until.ts';

const read = { name: 'bad__read_echo', arguments: { text: 'the weather is fine' } };
/** What the policy refuses to a session that has read. */
const guarded = { name: 'bad__read_twice', arguments: {} };

async function open(
  context: Parameters<typeof startFrames>[0],
  gate: HostileGate,
): Promise<FramesClient> {
  const client = startFrames(context, serve(gate));
  await client.open();
  await until(async () => listedIn(await client.request('tools/list')).includes(read.name));
  return client;
}

const POLICY = `@id("all") permit(principal, action, resource);
  @id("clean") forbid(principal, action, resource == Tool::"bad/read_twice")
  when { context.session.labels.contains("untrusted") };`;

describe('what a session has read', () => {
  test('counts in every process of the state, until a person takes it off', async (t) => {
    const gate = await createHostileGate(t, { policy: POLICY });
    const [one, other] = [await open(t, gate), await open(t, gate)];
    await one.request('tools/call', read);
    for (const client of [one, other])
      assert.ok(isUnknown(await client.request('tools/call', guarded)));
    await one.end();
    // A restart is no new session.
    const later = await open(t, gate);
    assert.ok(isUnknown(await later.request('tools/call', guarded)));

    const shown = await gate.run('session', 'show');
    assert.match(
      shown.stdout,
      /^alice \(local\): band 0, calm\n.*has read untrusted data {2}with local\n$/u,
    );
    assert.deepEqual(labelsIn((await gate.run('session', 'show', '--json')).stdout), ['untrusted']);
    assert.equal((await gate.run('session', 'clear-label', 'bob')).code, 1);
    assert.equal((await gate.run('session', 'clear-label', 'alice', 'secret')).code, 1);
    assert.equal((await gate.run('session', 'clear-label', 'alice', '--client', 'ide')).code, 1);
    const cleared = await gate.run(
      'session', 'clear-label', 'alice', 'untrusted', '--reason', 'read it myself',
    ); // prettier-ignore
    assert.equal(cleared.stdout, 'alice (local): no longer untrusted\n');
    await until(async () => !isUnknown(await later.request('tools/call', guarded)));
    const [record] = gate.audit().filter(({ event }) => event === 'labels-cleared');
    assert.deepEqual([record?.['label'], record?.['reason']], ['untrusted', 'read it myself']);

    await later.request('tools/call', read);
    assert.ok(isUnknown(await other.request('tools/call', guarded)));
    assert.equal((await gate.run('audit', 'verify')).code, 0);
  });

  test('is shown for everybody else when a file of one is forged', async (t) => {
    const gate = await createHostileGate(t, { policy: POLICY });
    const client = await open(t, gate);
    await client.request('tools/call', read);
    const forged = join(gate.folder, 'state', 'labels', '0'.repeat(32));
    mkdirSync(forged, { recursive: true, mode: 0o700 });
    writeFileSync(join(forged, `${'0'.repeat(32)}.json`), '{}', { mode: 0o600 });
    const { code, stdout, stderr } = await gate.run('session', 'show');
    assert.equal(code, 1);
    assert.match(stdout, /has read untrusted data/u);
    assert.match(stderr, /^warning: Cannot use .*0\.json: no gateway of this state wrote it$/mu);
  });

  test('counts at once for calls of other processes, however they race', async (t) => {
    const gate = await createHostileGate(t, { policy: POLICY });
    const [one, other] = [await open(t, gate), await open(t, gate)];
    // From the moment the answer is there, nobody is let through.
    const answered = await one.request('tools/call', read);
    assert.equal(denialOf(answered), undefined);
    const replies = await Promise.all(
      Array.from({ length: 8 }, async () => await other.request('tools/call', guarded)),
    );
    assert.ok(replies.every(isUnknown));
  });
});

/** Whom a policy always refuses it, the tool is not there for. */
const isUnknown = (reply: JsonObject): boolean => rpcCodeOf(reply) === -32602;

function labelsIn(stdout: string): string[] {
  return Array.from(stdout.matchAll(/"label":"(\w+)"/gu), ([, label = '']) => label);
}
