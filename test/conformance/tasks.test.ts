import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modernTasks } from '../support/modern.ts';
import { gateTo } from './pairings.ts';
import { extensionScenarios, runServerScenario } from './run-suite.ts';

const WAYS = ['direct', 'HTTP to HTTP', 'HTTP to stdio'] as const;
/** What a gate does better than the suite wants it of a server: whoever knows no tasks gets the result all the same. */
const SERVED_ALL_THE_SAME = 'tasks-required-task-error';

describe('the tasks extension, by the conformance suite', { concurrency: 2 }, () => {
  for (const way of WAYS)
    test(way, async (context) => {
      const server = await modernTasks(context, way === 'HTTP to stdio' ? 'stdio' : 'http');
      const direct = { url: String(server['url']), [Symbol.asyncDispose]: async () => undefined };
      await using front = way === 'direct' ? direct : await gateTo(server);
      const scenarios = extensionScenarios('2026-07-28');
      assert.ok(scenarios.length >= 10);
      const failed: string[] = [];
      for (const scenario of scenarios) {
        // oxlint-disable-next-line no-await-in-loop -- one process of the suite after the other
        const scores = await runServerScenario(front.url, scenario, '2026-07-28');
        for (const { passed, failures } of scores) {
          context.diagnostic(`${scenario}: ${passed} passed`);
          failed.push(...failures.map((failure) => `${scenario}: ${failure}`));
        }
      }
      const unexpected = failed.filter(
        (failure) => way === 'direct' || !failure.startsWith(SERVED_ALL_THE_SAME),
      );
      assert.deepEqual(unexpected, []);
    });
});
