import { resolve } from 'node:path';
import { readRecords } from '../../audit/read-records.ts';
import { loadConfig } from '../../config/load.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import { visible } from '../../lib/visible.ts';
import { canEnforce } from '../../policy/can-enforce.ts';
import { loadPolicy, type Explanation, type Policy } from '../../policy/policy.ts';
import { replayOf } from '../../policy/replay.ts';
import type { Command, Io } from '../command.ts';
import { parseOptions } from '../parse-options.ts';

type Flip = {
  /** Of the first such call. */
  readonly traceId: string;
  readonly user: string;
  readonly subject: string;
  readonly labels: readonly string[];
  readonly before: Said;
  readonly after: Said;
  calls: number;
};
type Said = Pick<Explanation, 'decision' | 'missing'> & { readonly policies: readonly string[] };

export const command = {
  summary: 'what other policies would have said to the calls of the past',
  usage: 'Usage: sallyport policy diff A B [--log DIR | --config FILE] [--json]',
  async run(argv, io) {
    const { values, positionals } = parseOptions(
      'policy diff',
      argv,
      { log: { type: 'string' }, config: { type: 'string' }, json: { type: 'boolean' } },
      true,
    );
    const [a, b, ...more] = positionals;
    if (a === undefined || b === undefined || more.length > 0)
      throw new Fault('Cannot run policy diff: it needs two folders or files with policies', {
        hint: 'sallyport policy diff policies/ candidate/ --log audit/',
      });
    const log = await logOf(values, io);
    let at = new Date(0);
    const load = async (path: string): Promise<Policy> =>
      await loadPolicy({ paths: [resolve(io.cwd, path)], now: () => at, canEnforce });
    const [before, after] = await Promise.all([load(a), load(b)]);
    const flips = new Map<string, Flip>();
    let calls = 0;
    let unreadable = 0;
    for (const record of readRecords(log, () => void unreadable++)) {
      const replayed = replayOf(record);
      if (replayed === undefined) continue;
      calls++;
      ({ at } = replayed);
      const { session, subject } = replayed.call;
      const said = [before, after].map((policy) => saidBy(policy.explain(replayed.call)));
      const [one, other] = said;
      if (one === undefined || other === undefined || one.decision === other.decision) continue;
      const what = {
        user: session.caller.subject,
        subject: `${subject.server}/${subject.name}`,
        labels: [...session.labels],
        before: one,
        after: other,
      };
      const key = JSON.stringify(what);
      const known = flips.get(key);
      if (known) known.calls++;
      else flips.set(key, { traceId: record.traceId, ...what, calls: 1 });
    }
    const found = [...flips.values()];
    io.stdout.write(
      values.json === true
        ? `${JSON.stringify({ calls, unreadable, flips: found })}\n`
        : asText(calls, unreadable, found),
    );
    return found.length === 0 ? EXIT.ok : EXIT.no;
  },
} satisfies Command;

async function logOf(
  { log, config: file }: { readonly log?: string; readonly config?: string },
  io: Io,
): Promise<string> {
  if (log !== undefined) return resolve(io.cwd, log);
  const path = file === undefined ? {} : { path: file };
  return (await loadConfig({ ...path, env: io.env, cwd: io.cwd })).audit.path;
}

function saidBy({ decision, policies, missing }: Explanation): Said {
  return { decision, policies: policies.map(({ id }) => id), missing };
}

function asText(calls: number, unreadable: number, flips: readonly Flip[]): string {
  const lines = flips.flatMap(({ user, subject, labels, before, after, calls: times, traceId }) => [
    `${subject} for ${user}${labels.length === 0 ? '' : `, having read ${labels.join(', ')}`}: ${times} call${times === 1 ? '' : 's'}, first in trace ${traceId}`,
    ...[before, after].map(
      ({ decision, policies, missing }, at) =>
        `  ${at === 0 ? 'A' : 'B'} ${decision.padEnd(14)} ${policies.join(', ')}${missing === '' ? '' : `  missing: ${missing}`}`,
    ),
  ]);
  const other = flips.reduce((sum, flip) => sum + flip.calls, 0);
  lines.push(
    `${calls} calls replayed, ${other} of them decided otherwise${unreadable === 0 ? '' : `, ${unreadable} lines unreadable`}`,
  );
  return lines.map((line) => `${visible(line)}\n`).join('');
}
