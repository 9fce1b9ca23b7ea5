import * as z from 'zod';
import { CALL_METHODS, CLASSES, type Subject } from '../call.ts';
import type { KnownTools } from './compile.ts';
import type { Engine } from './engine.ts';
import { OWN_SERVER, SUBMIT } from '../plans/names.ts';
import { entityKey } from './expressions.ts';
import { PLAN_SUBMIT } from './schema.ts';
import type { Context, Question } from './question.ts';

const uid = z
  .union([
    z.strictObject({ type: z.string(), id: z.string() }),
    z.strictObject({ __entity: z.strictObject({ type: z.string(), id: z.string() }) }),
  ])
  .transform((given) => ('__entity' in given ? given['__entity'] : given));

const test = z.strictObject({
  name: z.string().optional(),
  request: z.strictObject({
    principal: z.string(),
    action: z.string(),
    resource: z.string(),
    context: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  }),
  entities: z.array(
    z.strictObject({
      uid,
      attrs: z.record(z.string(), z.unknown()).default({}),
      parents: z.array(uid).default([]),
    }),
  ),
  decision: z.enum(['allow', 'deny']),
  reason: z.array(z.string()).optional(),
  num_errors: z.int().min(0).default(0),
});

/** A file for `cedar run-tests`. */
export const policyTests = z.array(test);
export type PolicyTest = z.output<typeof test>;

const principal = z.object({
  issuer: z.string().default('local'),
  client: z.string().default('local'),
  scopes: z.array(z.string()).default([]),
  assurance: z.int().default(0),
});
const resource = z.object({
  classes: z.array(z.enum(CLASSES)).default([]),
  dataClass: z.int().default(0),
  source: z.array(z.string()).default([]),
  sink: z.array(z.string()).default([]),
  pin: z.enum(['match', 'drift', 'unpinned']).default('match'),
  reviewed: z.boolean().default(false),
});

/** Asks what the test asks, as the gate would; why it failed, or nothing. */
export function runTest(engine: Engine, one: PolicyTest, tools?: KnownTools): string | undefined {
  try {
    const { question, approvals, enforce } = questionOf(engine, one, tools);
    const { allowed, policies, errors } = engine.judge(question, { approvals, enforce });
    const decision = allowed ? 'allow' : 'deny';
    const by = policies.length === 0 ? 'no policy' : policies.join(', ');
    if (decision !== one.decision) return `expected ${one.decision}, got ${decision} by ${by}`;
    if (one.reason && one.reason.toSorted().join() !== policies.toSorted().join())
      return `expected ${decision} by ${one.reason.join(', ') || 'no policy'}, got it by ${by}`;
    if (errors.length !== one.num_errors)
      return `expected ${one.num_errors} errors, got ${errors.length}: ${errors.join(', ')}`;
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function questionOf(
  { asking, typeOf }: Engine,
  { request, entities }: PolicyTest,
  tools: KnownTools = new Map(),
): { question: Question; approvals: readonly string[]; enforce: readonly string[] } {
  const find = (key: string): (typeof entities)[number] | undefined =>
    entities.find((each) => entityKey(each.uid) === key);
  const who = uidOf(request.principal, 'principal', ['User']);
  const user = find(entityKey(who));
  const groups = (user?.parents ?? []).filter(({ type }) => type === 'Group').map(({ id }) => id);
  const caller = { ...principal.parse(user?.attrs ?? {}), subject: who.id, groups };
  const { pep, ...given } = request.context;
  const session = { id: 'test', caller, labels: new Set<string>(), escalation: 0, calls: 0 };
  const calm = asking.who(session);
  const { method, subject } = subjectOf(request, find, tools);
  const context: Record<string, object> = { ...calm.context };
  for (const [record, fields] of Object.entries(given))
    context[record] = { ...context[record], ...fields };
  // Cedar is shown what policies look at, and that alone.
  const seen = typeOf(method, subject)?.record.attributes;
  if (seen)
    context['args'] = Object.fromEntries(
      Object.entries(given['args'] ?? {}).filter(([name]) => Object.hasOwn(seen, name)),
    );
  else delete context['args'];
  return {
    question: {
      person: calm.person,
      what: asking.what(method, subject),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Cedar checks it against the schema
      context: context as Context,
    },
    approvals: z.array(z.string()).parse(pep?.['approvals'] ?? []),
    enforce: z.array(z.string()).parse(pep?.['enforce'] ?? []),
  };
}

const KINDS = { Tool: 'tool', Resource: 'resource', Prompt: 'prompt', Server: 'request' } as const;

function subjectOf(
  { action, resource: named }: PolicyTest['request'],
  find: (key: string) => { readonly attrs: Record<string, unknown> } | undefined,
  tools: KnownTools,
): { method: (typeof CALL_METHODS)[number]; subject: Subject } {
  const { id: deed } = uidOf(action, 'action', ['Action']);
  const at = uidOf(named, 'resource', Object.keys(KINDS));
  const slash = at.id.indexOf('/');
  const isServer = at.type === 'Server';
  const server = isServer || slash === -1 ? at.id : at.id.slice(0, slash);
  const name = isServer ? deed : at.id.slice(slash + 1);
  const isSubmit = deed === PLAN_SUBMIT && name === SUBMIT && server === OWN_SERVER;
  const method = isSubmit
    ? 'tools/call'
    : CALL_METHODS.find((each) => each === deed.replace(/^(tools\/call):.*$/su, '$1'));
  if (
    method === undefined ||
    (method === 'tools/call' && !isSubmit && deed !== `tools/call:${server}/${name}`)
  )
    throw new TypeError(
      `${action} is not what is asked about ${named}: a tool has Action::"tools/call:${server}/${name}"`,
    );
  const [, kind] = Object.entries(KINDS).find(([type]) => type === at.type) ?? ['', 'tool'];
  return {
    method,
    subject: {
      ...resource.parse(find(entityKey(at))?.attrs ?? {}),
      kind,
      server,
      name,
      hash: '',
      definition: tools.get(deed) ?? {},
    },
  };
}

/** `User::"alice"`. */
function uidOf(text: string, what: string, types: readonly string[]): { type: string; id: string } {
  const [, type = '', id = ''] = /^(\w+)::("(?:[^"\\]|\\.)*")$/su.exec(text) ?? [];
  if (!types.includes(type)) throw new TypeError(`the ${what} ${text} is no ${types.join(' or ')}`);
  return { type, id: String(JSON.parse(id)) };
}
