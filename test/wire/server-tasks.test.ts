import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import type { Frame } from '../../src/wire/channel.ts';
import { createServerTasks } from '../../src/wire/modern-upstream/server-tasks.ts';

const NEVER = new AbortController().signal;

/** What a call came to whose task asks a question under this key, and what was asked on the way. */
async function outcomeFor(
  key: string,
): Promise<{ readonly answer: JsonObject; readonly asked: string[]; readonly put: JsonObject[] }> {
  const asked: string[] = [];
  const put: JsonObject[] = [];
  let answered = false;
  const tasks = createServerTasks({
    async ask(method): Promise<Frame> {
      asked.push(method);
      const state: JsonObject = answered
        ? { status: 'completed', result: { content: [] } }
        : { status: 'input_required', inputRequests: { [key]: { method: 'roots/list' } } };
      if (method === 'tasks/update') answered = true;
      return await Promise.resolve({ result: { taskId: 'one', ...state } });
    },
    async gather(question) {
      put.push(question);
      return await Promise.resolve({ inputResponses: { [key]: { roots: [] } } });
    },
  });
  tasks.begin({ taskId: 'one', status: 'working' });
  const waiting = tasks.result('call', 'one', NEVER);
  await tasks.get('one', NEVER);
  // What was asked is answered in between.
  await new Promise((resolve) => void setImmediate(resolve));
  await tasks.get('one', NEVER);
  return { answer: await waiting, asked, put };
}

test('a question of a task whose name is as long as may be is put', async () => {
  const { answer, put } = await outcomeFor('k'.repeat(1024));
  assert.deepEqual(answer, { result: { content: [] } });
  assert.equal(put.length, 1);
});

test('a name that is longer ends the task, and nobody is asked', async () => {
  const { answer, asked, put } = await outcomeFor('k'.repeat(1025));
  assert.match(JSON.stringify(answer), /a question with more than 1024 characters/u);
  assert.deepEqual(put, []);
  assert.ok(asked.includes('tasks/cancel'));
});
