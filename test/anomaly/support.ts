import { createHmac } from 'node:crypto';
import { createAnomaly, type Anomaly } from '../../src/anomaly/anomaly.ts';
import type { Call, JsonObject } from '../../src/call.ts';
import { callOf, callerOf, sessionOf, subjectOf } from '../policy/support.ts';

export const DAY = 86_400_000;
export const MAIL = subjectOf({
  server: 'mail',
  name: 'send',
  classes: ['external_communication'],
  definition: {
    name: 'send',
    inputSchema: {
      type: 'object',
      properties: { to: {}, subject: {}, amount: {}, link: {}, cc: {} },
    },
  },
});

/** A call of this person with these arguments. */
export function sending(args: JsonObject, user = 'alice'): Call {
  const caller = callerOf({ subject: user });
  return callOf({ session: sessionOf({ id: user, caller }), subject: MAIL, args });
}

export type Bench = Anomaly & { clock: number; readonly problems: unknown[] };

export function openAnomaly(path: string, clock = 20_000 * DAY): Bench {
  const problems: unknown[] = [];
  const bench: Bench = Object.assign(
    createAnomaly({
      path,
      now: () => bench.clock,
      digest: (text) => createHmac('sha256', 'of a test').update(text).digest('hex'),
      onProblem: (thrown) => void problems.push(thrown),
    }),
    { clock, problems },
  );
  return bench;
}

const USUAL = ['ann@work.example', 'bob@work.example', 'cem@work.example'];

/** What this tool is used for every day. */
export function usual(at: number): JsonObject {
  return {
    to: USUAL[at % 3] ?? '',
    subject: `Report of week ${at % 50}`,
    amount: 20 + ((at * 7) % 60),
    link: `https://wiki.work.example/page/${at}`,
  };
}

/** Days of usual calls by three people; then it is the next morning. */
export async function teachUsual(bench: Bench, days = 2): Promise<void> {
  for (let day = 0; day < days; day++) {
    for (let at = 0; at < 15; at++)
      for (const user of ['alice', 'bob', 'cem']) bench.learn(sending(usual(day * 15 + at), user));
    await bench.flush();
    bench.clock += DAY;
  }
}
