import { visible } from '../lib/visible.ts';
import type { Score } from '../anomaly/profile.ts';
import { readAuditKey } from '../audit/key.ts';
import { stateLayout } from '../state/layout.ts';
import { createUsage } from '../usage.ts';
import type { Call, Caller, JsonObject } from '../call.ts';
import type { Config } from '../config/config.ts';
import { configuredPolicy } from '../configured-policy.ts';
import { loadConfig } from '../config/load.ts';
import { localCaller } from '../identity/local-caller.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { JsonError, isJsonObject, parseJson } from '../lib/json.ts';
import { createCanEnforce } from '../policy/can-enforce.ts';
import type { Explanation } from '../policy/policy.ts';
import { createSessions } from '../session.ts';
import type { Command, Io } from './command.ts';
import { readAcceptedTools } from './explain/accepted.ts';
import { explainPlan, submitsPlan } from './explain/plan.ts';
import { parseOptions } from './parse-options.ts';

const usage = `Usage: sallyport explain --as USER[:GROUP,…] SERVER/TOOL [--args JSON] [--labels LABEL,…] [--config FILE] [--json]

Says whether this call would be allowed, which policies decide, and what is missing. Nothing is called and no server is
started: the tool is taken as the lock file knows it. sallyport/plan_submit with a plan in --args is looked through as a
gateway would, steps included.

  --as USER[:GROUP,…]   who calls; without groups, those of identity.stdio when it is the same user
  --args JSON           the arguments, a JSON object
  --labels LABEL,…      what the session has read so far: untrusted, private, secret or your own
  --config FILE         the configuration; by default as for sallyport check
  --json                one JSON document: { decision: "allow"|"needs-approval"|"deny", policies: [{ id, effect, file,
                        line, reason }], enforced, missing, errors, anomaly }

Exit code: 0 allowed, perhaps after an approval; 1 denied; 2 wrong use or a tool that the lock file does not have.
`;

export const command = {
  summary: 'would this call be allowed, by which policy, what is missing',
  usage,
  run,
} satisfies Command;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const options = {
    as: { type: 'string' },
    args: { type: 'string', default: '{}' },
    labels: { type: 'string', default: '' },
    config: { type: 'string' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseOptions('explain', argv, options, true);
  const [tool, ...more] = positionals;
  if (values.as === undefined || tool === undefined || more.length > 0)
    throw new Fault('Cannot run explain: it needs --as USER and one SERVER/TOOL', {
      hint: 'sallyport explain --help shows how',
    });
  const args = readArgs(values.args);
  const path = values.config === undefined ? {} : { path: values.config };
  const config = await loadConfig({ ...path, env: io.env, cwd: io.cwd });
  const caller = callerFrom(values.as, config);
  const accepted = await readAcceptedTools(config, io);
  const subject = accepted.find(tool);
  const { auditKey, anomaly } = stateLayout(config.state.path);
  const earlier = createUsage(() => ({
    path: anomaly,
    now: Date.now,
    digest: (text) => readAuditKey(auditKey).digest(text),
    zones: config.policy.zones,
    onProblem: (thrown) => io.stderr.write(`statistics of arguments: ${String(thrown)}\n`),
  }));
  const policy = await configuredPolicy(config, createCanEnforce(config), { usage: earlier });
  const session = createSessions().open(caller);
  session.addLabels(values.labels.split(',').filter(Boolean));
  const params = { name: subject.name, arguments: args };
  const call = {
    traceId: '',
    id: 0,
    method: 'tools/call',
    session,
    subject,
    params,
    args,
  } as const;
  const explained =
    config.plans && submitsPlan(call) && Object.keys(args).length > 0
      ? explainPlan(call, config.plans, accepted, policy)
      : policy.explain(call);
  const explanation = { ...explained, anomaly: earlier.said(call) };
  io.stdout.write(values.json ? `${JSON.stringify(explanation)}\n` : asText(explanation, call));
  return explanation.decision === 'deny' ? EXIT.no : EXIT.ok;
}

function callerFrom(who: string, { identity: { stdio } }: Config): Caller {
  const colon = who.indexOf(':');
  const user = colon === -1 ? who : who.slice(0, colon);
  if (user === '') throw new Fault('Cannot run explain: --as needs USER or USER:GROUP,GROUP');
  const groups =
    colon === -1 && stdio.kind === 'user' && stdio.user === user
      ? stdio.groups
      : colon === -1
        ? []
        : who
            .slice(colon + 1)
            .split(',')
            .filter(Boolean);
  return localCaller({ user, groups });
}

function readArgs(text: string): JsonObject {
  try {
    const value = parseJson(text, { maxBytes: 16 * 1024 * 1024, maxDepth: 64 });
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new Fault(`Cannot read --args: ${cause.message}`, { cause });
  }
  throw new Fault('Cannot read --args: it is not a JSON object');
}

const DECISIONS = {
  allow: 'allowed',
  'needs-approval': 'allowed after an approval',
  deny: 'denied',
} as const;

type Told = Explanation & { readonly anomaly: Score | undefined };

function asText(
  { decision, policies, enforced, missing, anomaly }: Told,
  { session, subject }: Call,
): string {
  const { caller, labels } = session;
  const groups = caller.groups.length === 0 ? '' : ` (${caller.groups.join(', ')})`;
  const read = labels.size === 0 ? '' : `, session has read ${[...labels].join(', ')}`;
  const width = Math.max(0, ...policies.map(({ id }) => id.length));
  const lines = [
    `${subject.server}/${subject.name} [${subject.classes.join(' ')}] for ${caller.subject}${groups}${read}: ${DECISIONS[decision]}`,
    ...policies.map(
      ({ id, effect, file, line, reason }) =>
        `  ${effect.padEnd(6)}  ${id.padEnd(width)}  ${file}:${line}${reason === undefined ? '' : `  ${reason}`}`,
    ),
  ];
  if (anomaly)
    lines.push(
      `anomaly ${anomaly.score}${anomaly.reasons.map(({ argument, statistic, score }) => `; ${argument} ${statistic} ${score}`).join('')}`,
    );
  if (enforced.length > 0) lines.push(`enforced: ${enforced.join('; ')}`);
  if (missing !== '') lines.push(`missing: ${missing}`);
  return lines.map((line) => `${visible(line)}\n`).join('');
}
