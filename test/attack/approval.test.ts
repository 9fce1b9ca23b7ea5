import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createApprove } from '../../src/approval.ts';
import { issue, type Call, type Permit } from '../../src/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { rawOf } from '../output/output-of.ts';
import { openDesk } from '../support/desk.ts';
import { scratch } from '../support/scratch.ts';

function permitOf(args: JsonObject, approvals: readonly string[]): Permit {
  const { call } = rawOf({}).grant.permit;
  const asked: Call = { ...call, args };
  return issue('Permit', {
    call: asked,
    policies: ['p'],
    obligations: { approvals, redact: [], advice: [] },
  });
}

async function questionFor(
  context: TestContext,
  args: JsonObject,
  approvals = ['user'],
): Promise<string> {
  let shown = '';
  const approve = createApprove({
    ask: () => async (question) => {
      shown = question;
      return await Promise.resolve('approved');
    },
    decide: (call, given) => permitOf(call.args, given),
    desk: openDesk(await scratch(context)).desk,
  });
  await approve(permitOf(args, approvals), new AbortController().signal);
  return shown;
}

test('a long argument does not push another one out of sight of the person', async (context) => {
  const question = await questionFor(context, { a: 'x'.repeat(100_000), command: 'rm -rf /' });
  assert.match(question, /"command":"rm -rf \/"/u);
  assert.match(question, /99400 characters not shown/u);
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, 'v']));
  await assert.rejects(questionFor(context, { ...many, z: 'rm -rf /' }), {
    code: 'approval-required',
  });
});

test('the yes of the person behind the client is nobody else’s', async (context) => {
  await assert.rejects(questionFor(context, {}, ['manager']), { code: 'approval-required' });
  await assert.rejects(questionFor(context, {}, ['user', 'manager']), {
    code: 'approval-required',
  });
});
