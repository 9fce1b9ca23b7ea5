import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { command } from '../../src/commands/redteam.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { STEPS } from '../../src/pipeline.ts';
import { FAULTS } from './faults.ts';

test('every stage of the pipeline has a fault', () => {
  const stages = new Set<string>(Object.values(FAULTS));
  assert.deepEqual(
    [...STEPS, 'audit'].filter((stage) => !stages.has(stage)),
    [],
  );
});

const onLinux = process.platform === 'linux' ? false : 'it looks into /proc';

/** One round of each fault; `sallyport redteam chaos --rounds 10` makes more, of any seed. */
test(
  'no fault lets a call pass unchecked, hang, or break the audit',
  { skip: onLinux, timeout: 600_000 },
  async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const [out, err] = [text(stdout), text(stderr)];
    const code = await command.run(['chaos', '--json'], {
    stdin: Readable.from([]), stdout, stderr, env: process.env, cwd: process.cwd(),
  }); // prettier-ignore
    stdout.end();
    stderr.end();
    assert.equal(`${await err}${code}`, '0');
    const report: unknown = JSON.parse(await out);
    assert.ok(isJsonObject(report) && Array.isArray(report['rounds']));
    const rounds = report['rounds'].filter(isJsonObject);
    assert.deepEqual(new Set(rounds.map(({ fault }) => fault)), new Set(Object.keys(FAULTS)));
    const plans = new Map(rounds.map(({ fault, plan }) => [fault, plan]));
    for (const [fault, state] of [
      ['no fault', 'done'],
      ['error', 'failed'],
      ['changed definition', 'void'],
      ['kill switches unreadable', 'killed'],
      ['gateway killed', 'closed'],
    ] as const)
      assert.equal(plans.get(fault), state, fault);
    // A fault that does nothing would prove nothing: each of these has to show in how calls ended.
    for (const [fault, end] of [
      ['error', 'failed'],
      ['silence', 'upstream-timeout'],
      ['ends', 'upstream-failed'],
      ['wrong structure', 'output-invalid'],
      ['changed definition', 'quarantined'],
      ['lock file broken', 'quarantined'],
      ['kill switches unreadable', 'killed'],
      ['sandbox killed', 'failed'],
      ['gateway killed', 'closed'],
      ['disk full', 'internal'],
    ] as const) {
      // prettier-ignore
      const ends = rounds.find((round) => round['fault'] === fault)?.['ends'];
      assert.ok(isJsonObject(ends) && Number(ends[end]) > 0, `${fault}: ${JSON.stringify(ends)}`);
    }
  },
);
