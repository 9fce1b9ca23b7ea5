import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQuestions, type Answer } from '../../src/approvals/questions.ts';
import { withResolvers } from '../../src/lib/resolvers.ts';

const never = new AbortController().signal;

function questionsAt(now: () => number): {
  readonly ask: (id: string, person?: string, signal?: AbortSignal) => Promise<Answer>;
  /** What the person sees and has not answered. */
  readonly open: ((answer: Answer) => void)[];
} {
  const question = createQuestions(now);
  const open: ((answer: Answer) => void)[] = [];
  return {
    open,
    async ask(id, person = 'alice', signal = never) {
      return await question({ person, id, what: 'files/write' }, put, signal);
    },
  };

  async function put(): Promise<Answer> {
    const { promise, resolve } = withResolvers<Answer>();
    open.push(resolve);
    return await promise;
  }
}

async function soon(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a no to one of several identical calls is a no to all of them', async () => {
  const { ask, open } = questionsAt(() => 0);
  const asked = [ask('same'), ask('same'), ask('same')];
  await soon();
  assert.equal(open.length, 1);
  open[0]?.('denied');
  assert.deepEqual(await Promise.all(asked), ['denied', 'denied', 'denied']);
  assert.equal(open.length, 1);
});

test('a yes to one of several identical calls is a yes to that one', async () => {
  const { ask, open } = questionsAt(() => 0);
  const asked = [ask('same'), ask('same')];
  await soon();
  open[0]?.('approved');
  assert.equal(await asked[0], 'approved');
  await soon();
  assert.equal(open.length, 2, 'the second has a question of its own');
  open[1]?.('denied');
  assert.equal(await asked[1], 'denied');
});

test('who waits behind another call’s question can leave', async () => {
  const { ask, open } = questionsAt(() => 0);
  const first = ask('same');
  const leaving = new AbortController();
  const second = ask('same', 'alice', leaving.signal);
  leaving.abort(new Error('cancelled'));
  await assert.rejects(second);
  open[0]?.('approved');
  assert.equal(await first, 'approved');
});

test('a person has eight questions open, and no more; others have their own', async () => {
  const { ask, open } = questionsAt(() => 0);
  const asked = Array.from({ length: 8 }, async (_, at) => await ask(`call ${at}`));
  await assert.rejects(ask('one more'), { code: 'rate-limited' });
  const bobs = ask('one more', 'bob');
  await soon();
  for (const answer of open) answer('approved');
  await Promise.all([...asked, bobs]);
  const next = ask('one more');
  open.at(-1)?.('approved');
  assert.equal(await next, 'approved');
});

test('after the third no to the same call it is not asked again for ten minutes', async () => {
  let now = 0;
  const { ask, open } = questionsAt(() => now);
  const answered = async (id: string, answer: Answer): Promise<Answer> => {
    const asked = ask(id);
    open.at(-1)?.(answer);
    return await asked;
  };
  for (let times = 0; times < 3; times++) assert.equal(await answered('same', 'denied'), 'denied');
  await assert.rejects(ask('same'), { code: 'approval-denied' });
  assert.equal(await answered('other', 'approved'), 'approved');
  now = 600_001;
  assert.equal(await answered('same', 'approved'), 'approved');
});

test('after ten noes in a row a person is left alone for a minute', async () => {
  let now = 0;
  const { ask, open } = questionsAt(() => now);
  for (let at = 0; at < 10; at++) {
    const asked = ask(`call ${at}`);
    open.at(-1)?.('denied');
    assert.equal(await asked, 'denied');
  }
  await assert.rejects(ask('another'), { code: 'rate-limited' });
  now = 60_001;
  const asked = ask('another');
  open.at(-1)?.('approved');
  assert.equal(await asked, 'approved');
});
