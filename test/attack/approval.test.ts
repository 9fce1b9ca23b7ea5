import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createApprove } from '../../src/approval.ts';
import { issue, type Call, type Permit } from '../../src/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { rawOf } from '../output/output-of.ts';

function permitOf(args: JsonObject, approvals: readonly string[]): Permit {
  const { call } = rawOf({}).grant.permit;
  const asked: Call = { ...call, args };
  return issue('Permit', {
    call: asked,
    policies: ['p'],
    obligations: { approvals, redact: [], advice: [] },
  });
}

async function questionFor(args: JsonObject, approvals = ['user']): Promise<string> {
  let shown = '';
  const approve = createApprove({
    ask: () => async (question) => {
      shown = question;
      return await Promise.resolve('approved');
    },
    decide: (call, given) => permitOf(call.args, given),
  });
  await approve(permitOf(args, approvals), new AbortController().signal);
  return shown;
}

test('a long argument does not push another one out of sight of the person', async () => {
  const question = await questionFor({ a: 'x'.repeat(100_000), command: 'rm -rf /' });
  assert.match(question, /"command":"rm -rf \/"/u);
  assert.match(question, /99400 characters not shown/u);
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, 'v']));
  await assert.rejects(questionFor({ ...many, z: 'rm -rf /' }), { code: 'approval-required' });
});

test('the yes of the person behind the client is nobody else’s', async () => {
  await assert.rejects(questionFor({}, ['manager']), { code: 'approval-required' });
  await assert.rejects(questionFor({}, ['user', 'manager']), { code: 'approval-required' });
});
