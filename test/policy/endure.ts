/** Makes so many decisions that Node 20 would abort if its flag were not set; run in a process of its own. */
import type { Subject } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import { createCedar } from '../../src/policy/cedar.ts';
import { SHIPPED } from '../../src/policy/policies.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { NOON, callOf, subjectOf } from './support.ts';

/**
 * What is known to abort within seconds without the flag: the function that calls into Cedar is deoptimised while it waits,
 * because the collector finds that what it allocates lives long.
 */
function provoke(rounds: number): void {
  let successes = 0;
  const kept: unknown[] = [];
  const cedar = createCedar();
  cedar.use((module) =>
    module.preparsePolicySet('p', { staticPolicies: 'permit(principal, action, resource);' }),
  );
  cedar.use((module) => {
    const decide = (at: number): void => {
      const entities = [
        {
          uid: { type: 'U', id: 'a' },
          attrs: { c: 3, s: ['x', 'y', `${at}z`] },
          parents: [{ type: 'G', id: `g${at}` }],
        },
      ];
      kept.push(entities);
      const answer = module.statefulIsAuthorized({
        principal: { type: 'U', id: 'a' },
        action: { type: 'Action', id: 'x' },
        resource: { type: 'T', id: `t${at}` },
        context: {},
        entities,
        preparsedPolicySetId: 'p',
      });
      if (answer.type === 'success') successes++;
    };
    for (let at = 0; at < rounds; at++) {
      decide(at);
      if (kept.length > 40_000) kept.length = 0;
    }
  });
  if (successes !== rounds) throw new Error(`only ${successes} answers`);
}

function requestOf(server: string): Subject {
  return subjectOf({ kind: 'request', server, classes: [] });
}

/** No two calls alike: a remembered answer would not ask Cedar. */
async function endure(rounds: number): Promise<number> {
  const policy = await loadPolicy({ paths: [SHIPPED.personal], now: () => NOON });
  let allowed = 0;
  for (let at = 0; at < rounds; at++) {
    const call =
      at % 2 === 0
        ? callOf({ method: 'roots/list', subject: requestOf(`s${at}`) })
        : callOf({
            subject: subjectOf({ name: `t${at}`, pin: at % 10 === 1 ? 'drift' : 'match' }),
          });
    try {
      policy.decide(call);
      allowed++;
    } catch (thrown) {
      if (!(thrown instanceof Denial)) throw thrown;
    }
  }
  return allowed;
}

const rounds = Number(process.argv[2]);
// Without the flag Node 20 aborts on the way here; 20,000 were not enough.
const PROVOKED = 50_000;
provoke(PROVOKED);
console.log(`${rounds} decisions, ${await endure(rounds)} allowed`);
