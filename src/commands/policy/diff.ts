import { resolve } from 'node:path';
import { readRecords } from '../../audit/read-records.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { factsOptions, readKnownTools } from '../../known-tools.ts';
import { EXIT, Fault } from '../../lib/fault.ts';
import type { JsonObject } from '../../lib/json.ts';
import { visible } from '../../lib/visible.ts';
import { createCanEnforce } from '../../policy/can-enforce.ts';
import { preparePolicy, type Explanation, type Policy } from '../../policy/policy.ts';
import { looksBeyondSize, replayOf } from '../../policy/replay.ts';
import { readTexts } from '../../policy/texts.ts';
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
type Count = {
  calls: number;
  /** Calls whose arguments or tool are not known, where policies look at arguments. */
  unknown: number;
  unreadable: number;
};
type Said = Pick<Explanation, 'decision' | 'missing'> & { readonly policies: readonly string[] };

export const command = {
  summary: 'what other policies would have said to the calls of the past',
  usage: 'Usage: sallyport policy diff A B [--log DIR] [--config FILE] [--json]',
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
    const { log, config } = await namedBy(values, io);
    const tools = config ? await readKnownTools(config) : new Map<string, JsonObject>();
    let at = new Date(0);
    let looksAtArguments = false;
    const load = async (path: string): Promise<Policy> => {
      const texts = await readTexts([resolve(io.cwd, path)]);
      looksAtArguments ||= texts.sources.some(looksBeyondSize);
      // Which hosts were trusted at the time is in the records.
      const facts = { ...(config && factsOptions(config)), trusts: () => false };
      return preparePolicy(
        { ...texts, tools },
        { now: () => at, canEnforce: createCanEnforce(config ?? { mcpServers: {} }), facts },
      );
    };
    const [before, after] = await Promise.all([load(a), load(b)]);
    const flips = new Map<string, Flip>();
    const found: Count = { calls: 0, unknown: 0, unreadable: 0 };
    for (const record of readRecords(log, () => void found.unreadable++)) {
      const replayed = replayOf(record, tools);
      if (replayed === undefined) continue;
      if (looksAtArguments && !replayed.isWhole) {
        found.unknown++;
        continue;
      }
      found.calls++;
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
    const all = [...flips.values()];
    io.stdout.write(
      values.json === true ? `${JSON.stringify({ ...found, flips: all })}\n` : asText(found, all),
    );
    return all.length === 0 ? EXIT.ok : EXIT.no;
  },
} satisfies Command;

/** With `--log` alone nothing else is needed: then no tool is known, and no zone. */
async function namedBy(
  { log, config: file }: { readonly log?: string; readonly config?: string },
  io: Io,
): Promise<{ readonly log: string; readonly config?: Config }> {
  const named = log === undefined ? undefined : resolve(io.cwd, log);
  if (named !== undefined && file === undefined) return { log: named };
  const path = file === undefined ? {} : { path: file };
  const config = await loadConfig({ ...path, env: io.env, cwd: io.cwd });
  return { log: named ?? config.audit.path, config };
}

function saidBy({ decision, policies, missing }: Explanation): Said {
  return { decision, policies: policies.map(({ id }) => id), missing };
}

function asText({ calls, unknown, unreadable }: Count, flips: readonly Flip[]): string {
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
  if (unknown > 0)
    lines.push(
      `${unknown} calls not replayed: A or B looks at arguments, and these were not kept (audit.arguments: redacted keeps them), or nobody has accepted the tool (--config names the lock file)`,
    );
  return lines.map((line) => `${visible(line)}\n`).join('');
}
