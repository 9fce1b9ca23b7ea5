import type { Session, Subject } from '../../src/call.ts';
import { shareDefinition, shareSubject } from '../../src/catalogue/share.ts';
import { fix } from '../../src/lib/fixed.ts';
import { preparePolicy, type Policy } from '../../src/policy/policy.ts';
import { withGuardrails } from '../../src/policy/texts.ts';
import { callOf, callerOf, sessionOf, subjectOf, verdict } from '../policy/support.ts';
import { ms, quantile, time, type Row } from './measure.ts';

const DECISIONS = 600;
const POLICIES = [10, 100, 1000] as const;
const TOOLS = [50, 5000] as const;
const SERVERS = 50;
const LISTS = 20;

/** What policies are made of where people write them: groups, servers, classes, single tools, labels, hours and sizes. */
const KINDS: readonly ((at: number) => string)[] = [
  (at) => `permit(principal in Group::"g${at % 8}", action in Action::"read", resource in Server::"s${at % SERVERS}");`,
  (at) => `permit(principal in Group::"g${at % 8}", action in [Action::"read", Action::"write"], resource in Server::"s${at % SERVERS}") unless { context.session.labels.contains("l${at}") };`,
  (at) => `@requires_approval("user") forbid(principal, action in Action::"destructive", resource in Server::"s${at % SERVERS}") unless { context.pep.approvals.contains("user") };`,
  (at) => `permit(principal in Group::"g${at % 8}", action == Action::"tools/call:s${at % SERVERS}/t${at % 100}", resource);`,
  (at) => `forbid(principal in Group::"g${at % 8}", action, resource == Tool::"s${at % SERVERS}/t${at % 97}") when { context.session.escalation > 1 };`,
  (at) => `permit(principal == User::"u${at}", action, resource) when { context.req.scopes.contains("s${at}") };`,
  (at) => `forbid(principal, action in Action::"external_communication", resource is Tool) when { resource.dataClass > 2 && context.facts.bytes > ${100_000 + at} };`,
  (at) => `permit(principal in Group::"g${at % 8}", action in Action::"read", resource is Tool) when { resource.reviewed && resource.dataClass <= 1 && context.session.calls < ${1_000_000 + at} };`,
]; // prettier-ignore

const CLASSES = [
  ['read'],
  ['read'],
  ['write'],
  ['destructive'],
  ['external_communication'],
] as const;

function toolsOf(count: number): Subject[] {
  return Array.from({ length: count }, (_, at) =>
    // As the catalogue holds them: what was found out about one that cannot change is remembered.
    shareSubject(
      subjectOf({
        server: `s${at % SERVERS}`,
        name: `t${Math.floor(at / SERVERS)}`,
        classes: CLASSES[at % CLASSES.length] ?? [],
        dataClass: at % 3,
        reviewed: at % 4 > 0,
        definition: shareDefinition({
          name: `t${Math.floor(at / SERVERS)}`,
          description: `Tool ${at} of the bench`,
          inputSchema: {
            type: 'object',
            properties: { path: { type: 'string' }, limit: { type: 'integer', minimum: 1 } },
            required: ['path'],
          },
        }),
      }),
    ),
  );
}

async function policyOf(count: number): Promise<Policy> {
  const own = Array.from({ length: count }, (_, at) => KINDS[at % KINDS.length]?.(at) ?? '');
  const texts = await withGuardrails([{ file: 'bench.cedar', text: own.join('\n'), real: '' }]);
  return preparePolicy(texts, { now: () => new Date() });
}

function someone(): Session {
  return sessionOf({ caller: fix(callerOf({ subject: 'alice', groups: ['g1', 'g2', 'g3'] })) });
}

/** Decisions nobody has asked for before, and lists of tools, by how many policies and tools there are. */
export async function scaleRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of POLICIES) {
    const policy = await policyOf(count);
    for (const tools of TOOLS) rows.push(await decisionRow(policy, count, toolsOf(tools)));
    policy.close();
  }
  for (const count of POLICIES) rows.push(...(await listRows(count, toolsOf(5000))));
  return rows;
}

/** Every call has a size of its own, which a policy reads: none is a question that was asked before. */
async function decisionRow(policy: Policy, count: number, tools: Subject[]): Promise<Row> {
  const session = someone();
  const took: number[] = [];
  for (let at = 0; at < DECISIONS; at++) {
    const subject = tools[(at * 7) % tools.length];
    const call = callOf({ session, ...(subject && { subject }), args: { a: 'x'.repeat(at) } });
    took.push(await time(() => verdict(policy, call)));
  }
  const limit = count === 1000 ? 3 : 1;
  return {
    what: `policy: a decision, ${count} policies, ${tools.length} tools, p50 / p95 / p99`,
    value: [0.5, 0.95, 0.99].map((p) => ms(quantile(took, p))).join(' / '),
    target: `p95 ≤ ${limit} ms`,
    met: quantile(took, 0.95) <= limit,
  };
}

async function listRows(count: number, tools: readonly Subject[]): Promise<Row[]> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let n = 0; n < 3; n++) {
    const policy = await policyOf(count);
    const session = someone();
    const list = (): unknown => policy.visible(session, 'tools/call', tools);
    cold.push(await time(list));
    for (let again = 0; again < LISTS; again++) warm.push(await time(list));
    policy.close();
  }
  const of = `policy: list of ${tools.length} tools, ${count} policies`;
  return [
    limited(
      `${of}, cold, p50 of ${cold.length}`,
      quantile(cold, 0.5),
      count === 100 ? 200 : undefined,
    ),
    limited(`${of}, warm, p95`, quantile(warm, 0.95), 10),
  ];
}

function limited(what: string, value: number, limit: number | undefined): Row {
  if (limit === undefined) return { what, value: ms(value) };
  return { what, value: ms(value), target: `≤ ${limit} ms`, met: value <= limit };
}
