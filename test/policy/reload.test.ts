import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Denial } from '../../src/denial.ts';
import { Fault } from '../../src/lib/fault.ts';
import { withResolvers } from '../../src/lib/resolvers.ts';
import { tryPolicies } from '../../src/policy/canary.ts';
import { createCedar, type Cedar } from '../../src/policy/cedar.ts';
import { createInForce, type Candidate, type InForce } from '../../src/policy/in-force.ts';
import { compile } from '../../src/policy/compile.ts';
import { policySteps, preparePolicy } from '../../src/policy/policy.ts';
import { PolicyFault, type Problem } from '../../src/policy/problem.ts';
import { withGuardrails, type Texts } from '../../src/policy/texts.ts';
import { NOON, callOf, sessionOf, subjectOf } from './support.ts';

const READ = '@id("read") permit(principal, action in Action::"read", resource);';
const NOTHING = '@id("nothing") forbid(principal, action, resource);';

async function textsOf(text: string): Promise<Texts> {
  return await withGuardrails([{ file: 'test.cedar', text, real: 'test' }]);
}

type Bench = InForce & {
  /** What is there to be loaded. */
  put(text: string, expires?: Date): void;
  clock: Date;
  admits: boolean;
  /** What cannot be read beside it. */
  readonly spoilt: Problem[];
  readonly refusals: unknown[];
};

/** Policies in force that are read from a variable. */
async function inForce(text: string, expires?: Date): Promise<Bench> {
  let there: { text: string; expires: Date | undefined } = { text, expires };
  const spoilt: Problem[] = [];
  const refusals: unknown[] = [];
  async function read(): Promise<Candidate> {
    const { text: now, expires: end } = there;
    const texts = await textsOf(now);
    const problems = [...texts.problems, ...spoilt];
    return { texts: { ...texts, problems }, id: now, ...(end && { expires: end }) };
  }
  const bench: Bench = Object.assign(
    createInForce(read(), {
      now: () => bench.clock,
      read,
      admit() {
        if (!bench.admits) throw new Fault('Cannot write');
      },
      onRefused: (thrown) => void refusals.push(thrown),
    }),
    {
      put(next: string, end?: Date) {
        there = { text: next, expires: end };
      },
      clock: NOON,
      admits: true,
      spoilt,
      refusals,
    },
  );
  await bench.ready;
  return bench;
}

function says({ decide }: Pick<InForce, 'decide'>, about = 'read_file'): string {
  try {
    return decide(callOf({ subject: subjectOf({ name: about }) })).policies.join();
  } catch (thrown) {
    if (!(thrown instanceof Denial)) throw thrown;
    return `${thrown.code} ${thrown.policies.join()}`.trim();
  }
}

const sees = ({ visible }: InForce): number =>
  visible(sessionOf(), 'tools/call', [subjectOf()]).length;

test('what is put in place decides from then on, and what is the same changes nothing', async () => {
  const bench = await inForce(READ);
  let told = 0;
  bench.onChange(() => told++);
  assert.deepEqual([says(bench), sees(bench)], ['read', 1]);
  assert.equal(await bench.reload(), false);
  bench.put(NOTHING);
  assert.equal(says(bench), 'read');
  assert.equal(await bench.reload(), true);
  assert.deepEqual([says(bench), sees(bench)], ['policy-denied nothing', 0]);
  bench.put(READ);
  assert.deepEqual(await Promise.all([bench.reload(), bench.reload()]), [true, false]);
  assert.deepEqual([says(bench), sees(bench), told], ['read', 1, 2]);
  assert.deepEqual(bench.refusals, []);
});

const poisons: readonly (readonly [name: string, text: string])[] = [
  ['deep nesting', `permit(principal, action, resource) when { ${'('.repeat(9000)}true${')'.repeat(9000)} };`],
  ['a long chain', `permit(principal, action, resource) when { ${'true && '.repeat(4000)}true };`],
  ['5 MB', `permit(principal, action, resource) when { "${'x'.repeat(5_000_000)}" == "" };`],
  ['no Cedar', 'permit('],
  ['an unknown attribute', 'permit(principal, action, resource) when { resource.nothing };'],
  ['the name of a guardrail', '@id("guard.pin-drift") permit(principal, action, resource);'],
  ['nothing at all', ''],
]; // prettier-ignore

test('a poisoned candidate never disturbs what is in force', async (context) => {
  const bench = await inForce(READ);
  for (const [name, text] of poisons)
    await context.test(name, async () => {
      bench.put(text);
      const over = new AbortController();
      const reloading = bench.reload().finally(() => over.abort());
      let decided = 0;
      for (; !over.signal.aborted; decided++) {
        // A question that was not asked before: an answer that is remembered would not ask Cedar.
        assert.equal(says(bench, `${name} ${decided}`), 'read');
        await pause(5);
      }
      assert.equal(await reloading, false);
      assert.ok(decided > 1, `${decided} decisions meanwhile`);
      assert.ok(bench.refusals.pop() instanceof PolicyFault);
      assert.deepEqual([says(bench), sees(bench)], ['read', 1]);
    });
  bench.put(NOTHING);
  assert.equal(await bench.reload(), true);
  assert.equal(says(bench), 'policy-denied nothing');
});

test('a file that cannot be read is told, also where nothing else has changed', async () => {
  const bench = await inForce(READ);
  bench.spoilt.push({ file: 'more.cedar', what: 'it is not UTF-8' });
  assert.equal(await bench.reload(), false);
  assert.ok(bench.refusals.pop() instanceof PolicyFault);
  assert.equal(says(bench), 'read');
});

test('what cannot be written down does not come into force', async () => {
  const bench = await inForce(READ);
  bench.put(NOTHING);
  bench.admits = false;
  assert.equal(await bench.reload(), false);
  assert.equal(bench.refusals.length, 1);
  assert.equal(says(bench), 'read');
  bench.admits = true;
  assert.equal(await bench.reload(), true);
});

test('policies that have expired permit nothing and show nothing, until others are there', async () => {
  const bench = await inForce(READ, new Date(NOON.getTime() + 1000));
  assert.deepEqual([says(bench), sees(bench)], ['read', 1]);
  bench.clock = new Date(NOON.getTime() + 1000);
  assert.deepEqual([says(bench), sees(bench)], ['policy-denied', 0]);
  bench.put(`${READ} // the next`, new Date(NOON.getTime() + 2000));
  assert.equal(await bench.reload(), true);
  assert.deepEqual([says(bench), sees(bench)], ['read', 1]);
});

test('before there are any, nothing is decided', async () => {
  const { decide, ready } = createInForce(Promise.reject(new Fault('Cannot read')), {
    now: () => NOON,
    read: async () => await Promise.reject(new Fault('Cannot read')),
    admit: () => undefined,
    onRefused: () => undefined,
  });
  await assert.rejects(ready, Fault);
  assert.equal(says({ decide }), 'internal');
});

test('policies that were replaced decide no more, also what they have decided before', async () => {
  const policy = preparePolicy(await textsOf(READ), { now: () => NOON });
  assert.equal(says(policy), 'read');
  policy.close();
  assert.throws(() => policy.decide(callOf()), TypeError);
});

/** An instance of Cedar, and every name that was taken of it. */
function countedCedar(): { readonly cedar: Cedar; readonly names: Set<string> } {
  const real = createCedar();
  const names = new Set<string>();
  const cedar: Cedar = {
    use: (ask) => real.use(ask),
    get generation() {
      return real.generation;
    },
    giveName: (kind, name) => real.giveName(kind, name),
    takeName(kind) {
      const name = real.takeName(kind);
      names.add(name);
      return name;
    },
  };
  return { cedar, names };
}

test('policies that fail while they are made give back what Cedar has prepared for them', async () => {
  const { cedar, names } = countedCedar();
  const { sources, base } = await textsOf(READ);
  const compiled = compile(cedar, sources, base);
  const make = (): ReturnType<typeof policySteps> =>
    policySteps(cedar, compiled, '', { now: () => NOON });
  let count = 0;
  for (const steps = make(); steps.next().done !== true;) count++;
  assert.ok(count > 3);
  const before = names.size;
  // That one was never closed: the next needs names of its own, and all after it the same.
  for (let at = 1; at <= count; at++) {
    const steps = make();
    for (let step = 0; step < at; step++) steps.next();
    assert.throws(() => steps.throw(new TypeError('it failed')), /it failed/u);
  }
  assert.ok(names.size <= 2 * before, `${names.size} names`);
});

test('what Cedar has prepared is used again: fifty sets need no more names than two', async () => {
  const { cedar, names } = countedCedar();
  async function exchange(text: string): Promise<void> {
    const policy = preparePolicy(await textsOf(text), { now: () => NOON }, cedar);
    says(policy);
    policy.visible(sessionOf(), 'tools/call', [subjectOf()]);
    policy.close();
  }
  await exchange(READ);
  await exchange(NOTHING);
  const before = names.size;
  for (let n = 0; n < 25; n++) for (const text of [READ, NOTHING]) await exchange(text);
  assert.equal(names.size, before);
});

test('what is tried when the gateway closes comes into force no more and is no refusal', async () => {
  const bench = await inForce(READ);
  bench.put(NOTHING);
  const reloading = bench.reload();
  // The thread was begun by then, and cannot have answered.
  await new Promise((resolve) => void setImmediate(resolve));
  await bench.close();
  assert.equal(await reloading, false);
  assert.equal(await bench.reload(), false);
  assert.deepEqual([says(bench), bench.refusals], ['read', []]);
});

test('nothing comes into force that was sound when the gateway closed', async () => {
  const bench = await inForce(READ);
  bench.put(NOTHING);
  let closing: Promise<void> | undefined;
  // The clock is asked when the policies are tried for the last time, after the thread has found them sound.
  Object.defineProperty(bench, 'clock', {
    get() {
      closing ??= bench.close();
      return NOON;
    },
  });
  assert.equal(await bench.reload(), false);
  assert.ok(closing !== undefined, 'nobody asked the clock');
  await closing;
  assert.deepEqual([says(bench), bench.refusals], ['read', []]);
});

test('where the gateway closes before the first policies are read, nothing comes into force', async () => {
  const first = withResolvers<Candidate>();
  let admitted = 0;
  const { ready, close, decide } = createInForce(first.promise, {
    now: () => NOON,
    read: async () => await first.promise,
    admit: () => void admitted++,
    onRefused: () => undefined,
  });
  await close();
  first.resolve({ texts: await textsOf(READ), id: 'first' });
  await assert.rejects(ready, /the gateway is closing/u);
  assert.deepEqual([says({ decide }), admitted], ['internal', 0]);
});

test('a thread whose result nobody wants any more is ended', async () => {
  const closing = new AbortController();
  const trying = tryPolicies(await textsOf(READ), { signal: closing.signal });
  closing.abort();
  await assert.rejects(trying, /the gateway is closing/u);
});

test('a thread that gives no answer in time is a refusal', async () => {
  await assert.rejects(
    tryPolicies(await textsOf(READ), { patienceMs: 0 }),
    /gave no answer in time/u,
  );
});
