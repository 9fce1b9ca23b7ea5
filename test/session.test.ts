import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Caller } from '../src/call.ts';
import { createLabels } from '../src/labels/labels.ts';
import { createServerLabels } from '../src/labels/server-labels.ts';
import { createPrints } from '../src/policy/facts/prints.ts';
import { createSessions } from '../src/session.ts';
import { createSuspicion, SESSION_MS } from '../src/suspicion/suspicion.ts';
import { createTraces } from '../src/traces.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
assert.ok(typeof collect === 'function');

/** Bytes in use after a collection. */
function heap(): number {
  if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
  return process.memoryUsage().heapUsed;
}

const callerOf = (subject: string): Caller => ({
  issuer: 'https://idp.example',
  subject,
  client: 'ide',
  groups: ['eng'],
  scopes: [],
  assurance: 1,
});

const clock = { now: Date.now() };
const now = (): number => clock.now;
const quiet = { now, onProblem: () => undefined };
const state = {
  suspicion: createSuspicion(quiet),
  labels: createLabels(quiet),
  serverLabels: createServerLabels({ ...quiet, reach: () => 'everybody' }),
  now,
};

test('a session is counted on while somebody calls, and anew after half a day of silence', () => {
  const sessions = createSessions({ ...state, idOf: (person) => person });
  const alice = callerOf('alice');
  sessions.open(alice).countCall();
  for (let hour = 0; hour < 30; hour++) {
    clock.now += 3_600_000;
    sessions.touch(alice);
    sessions.open(callerOf(`other ${hour}`));
  }
  assert.equal(sessions.open(alice).calls, 1);
  clock.now += SESSION_MS + 1;
  sessions.open(callerOf('bob'));
  const later = sessions.open(alice);
  assert.equal(later.calls, 0);
  assert.equal(later.id, sessions.open(alice).id);
});

test('people who never come back leave nothing behind', () => {
  const sessions = createSessions({ ...state, idOf: (person) => person });
  const traces = createTraces(now);
  traces.watch(createPrints);
  const labels = new Set(['untrusted']);
  let person = 0;
  const half = 'x'.repeat(200);
  function day(): void {
    for (let count = 0; count < 500; count++) {
      const caller = callerOf(`${half}${person++}`);
      sessions.open(caller);
      traces.add({ id: caller.subject, labels }, { text: caller.subject }, ['untrusted']);
    }
    clock.now += SESSION_MS + 1;
  }
  for (let count = 0; count < 4; count++) day();
  const before = heap();
  for (let count = 0; count < 40; count++) day();
  const grown = heap() - before;
  assert.ok(grown < 4 * 1024 * 1024, `${grown} bytes more`);
});

test('of a session whose texts were forgotten any argument may repeat them', () => {
  const traces = createTraces(now);
  traces.watch(createPrints);
  const labels = new Set(['private', 'untrusted']);
  const of = (id: string) => ({ id, labels });
  const text = 'the meeting about the acquisition is on the ninth of November at ten';
  traces.add(of('alice'), { text }, ['private']);
  assert.deepEqual(traces.labelsIn(of('alice'), { note: 'nothing of it' }), []);
  assert.deepEqual(traces.labelsIn(of('alice'), { note: text }), ['private']);
  for (let other = 0; other < 200; other++)
    traces.add(of(`other ${other}`), { text: `${text} ${other}` }, ['untrusted']);
  assert.deepEqual(traces.labelsIn(of('alice'), { note: 'nothing of it' }), [...labels]);
  traces.add(of('alice'), { text: 'something else that is long enough to be known again' }, ['x']);
  assert.deepEqual(traces.labelsIn(of('alice'), { note: 'nothing of it' }), [...labels]);
});
