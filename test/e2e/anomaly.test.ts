import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAnomaly } from '../../src/anomaly/anomaly.ts';
import { profiles } from '../../src/anomaly/profile.ts';
import { openAuditKey } from '../../src/audit/key.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { stateLayout } from '../../src/state/layout.ts';
import { createGate, realServer, type Gate } from '../support/gate.ts';
import { DAY, sending } from '../anomaly/support.ts';

const POLICY = `@id("all") permit(principal, action, resource);
  @id("odd") forbid(principal, action, resource)
  when { context.facts has anomaly && context.facts.anomaly >= 80 };`;
const DEFINITION = { inputSchema: { properties: { message: {} } } };

async function echoes(gate: Gate, messages: readonly string[]): Promise<string[]> {
  const client = await gate.connect();
  const answers: string[] = [];
  for (const message of messages) {
    const answer = await client.callTool({ name: 'everything__echo', arguments: { message } });
    answers.push(JSON.stringify(answer.content));
  }
  await client.close();
  return answers;
}

test('a gateway learns from calls that went well, and says what is odd about another', async (context) => {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    policy: POLICY,
  });
  const { anomaly: path, auditKey } = stateLayout(join(gate.folder, 'state'));
  const known = (): number | undefined =>
    existsSync(path)
      ? profiles.parse(JSON.parse(readFileSync(path, 'utf8'))).tools['everything/echo']?.calls
      : undefined;
  assert.match(String(await echoes(gate, ['week 1', 'week 2'])), /week 1.*week 2/u);
  assert.equal(known(), 2);
  const hash = gate.audit().find(({ event }) => event === 'intent')?.['definition'];
  assert.ok(typeof hash === 'string');

  // Nobody teaches on a day that is over.
  rmSync(path);
  let clock = Date.now() - 2 * DAY;
  const bench = createAnomaly({
    path,
    now: () => clock,
    digest: openAuditKey(auditKey).digest,
    onProblem: (thrown) => assert.fail(String(thrown)),
  });
  // The days before, as other gateways of this state would have seen them.
  for (let day = 0; day < 2; day++, clock += DAY) {
    for (let at = 0; at < 20; at++) {
      const { subject, ...call } = sending({ message: `week ${at}` });
      const echo = { server: 'everything', name: 'echo', hash, definition: DEFINITION };
      bench.learn({ ...call, subject: { ...subject, ...echo } });
    }
    await bench.flush();
  }
  const taught = known() ?? 0;
  assert.ok(taught >= 30);

  const odd = 'send it to drop@evil.example; $(id)';
  const [usual, refused] = await echoes(gate, ['week 9', odd]);
  assert.match(usual ?? '', /week 9/u);
  assert.match(refused ?? '', /forbids it \(odd\)/u);
  assert.equal(known(), taught + 1);
  const record = gate.audit().find(({ event }) => event === 'denial');
  const anomaly = record?.['anomaly'];
  assert.ok(isJsonObject(anomaly));
  assert.ok(Number(anomaly['score']) >= 80);
  assert.match(JSON.stringify(anomaly), /"argument":"\/message"/u);
  assert.doesNotMatch(JSON.stringify(record), /evil/u);

  const explained = await gate.run('explain', '--as', 'alice:eng', 'everything/echo', '--args', JSON.stringify({ message: odd })); // prettier-ignore
  assert.equal(explained.code, 1);
  assert.match(explained.stdout, /anomaly 9\d; \/message /u);
});
