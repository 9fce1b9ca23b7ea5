/** Reads Cedar's JSON form of a policy: which parts of a request it looks at. Walks without recursion. */
import { rememberFixed } from '../lib/fixed.ts';
import type { PolicyJson } from './cedar.ts';

export type Node = { readonly [key: string]: unknown };

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every object in a piece of policy, parents first. */
export function* nodesOf(root: unknown): Generator<Node> {
  const rest = [root];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (isNode(next)) yield next;
    if (typeof next === 'object' && next !== null)
      for (const inner of Object.values(next).toReversed())
        if (inner !== undefined) rest.push(inner);
  }
}

/** The entities that a policy names anywhere, as `Type::id`. */
export const entitiesOf: (policy: PolicyJson) => ReadonlySet<string> = rememberFixed(findEntities);

function findEntities(policy: PolicyJson): Set<string> {
  const found = new Set<string>();
  for (const node of nodesOf([policy.principal, policy.action, policy.resource, policy.conditions]))
    if (typeof node['type'] === 'string' && typeof node['id'] === 'string')
      found.add(entityKey({ type: node['type'], id: node['id'] }));
  return found;
}

export function entityKey({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}::${id}`;
}

/** Names of all attributes that a policy reads or tests, of whatever. */
export const attributesOf: (policy: PolicyJson) => ReadonlySet<string> =
  rememberFixed(findAttributes);

function findAttributes(policy: PolicyJson): Set<string> {
  const found = new Set<string>();
  for (const node of nodesOf(policy.conditions))
    for (const name of attributeNames(node)) found.add(name);
  return found;
}

function attributeNames(node: Node): string[] {
  return [node['attr']].flat().filter((name) => typeof name === 'string');
}

/** Whether the conditions ask for the action itself, which the scope does not tell. */
export function asksForAction(policy: PolicyJson): boolean {
  return [...nodesOf(policy.conditions)].some((node) => node['Var'] === 'action');
}

/**
 * What of the context an expression reads, as paths of at most two steps: `session.labels`, `facts.bytes`; a record taken
 * as a whole is `session`, the whole context is the empty path.
 */
export function contextPaths(expression: unknown): ReadonlySet<string> {
  return typeof expression === 'object' && expression !== null ? pathsOf(expression) : NONE;
}

const NONE: ReadonlySet<string> = new Set();
const pathsOf = rememberFixed(
  (expression: object) =>
    new Set(contextChains(expression).map((steps) => steps.slice(0, 2).join('.'))),
);

/** The same with all their steps. */
export function contextChains(expression: unknown): string[][] {
  const found: string[][] = [];
  const rest: unknown[] = [expression];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const path = contextPath(next);
    if (path) found.push(path);
    else if (typeof next === 'object' && next !== null)
      rest.push(...Object.values(next).filter((inner) => inner !== undefined));
  }
  return found;
}

/** Whether one of these paths reads a field of a record of the context. */
export function createReads(
  paths: ReadonlySet<string>,
): (record: string, field: string) => boolean {
  const known = new Map<string, Map<string, boolean>>();
  return function reads(record, field) {
    let ofRecord = known.get(record);
    if (!ofRecord) known.set(record, (ofRecord = new Map()));
    let isRead = ofRecord.get(field);
    if (isRead === undefined) {
      isRead = paths.has('') || paths.has(record) || paths.has(`${record}.${field}`);
      ofRecord.set(field, isRead);
    }
    return isRead;
  };
}

/** Steps from `context` where the expression is such a chain, or tests one with `has`. */
export function contextPath(expression: unknown): string[] | undefined {
  const steps: string[] = [];
  let at = expression;
  while (isNode(at)) {
    if (at['Var'] === 'context') return steps;
    const inner = at['.'] ?? at['has'];
    if (!isNode(inner)) return undefined;
    steps.unshift(...attributeNames(inner));
    at = inner['left'];
  }
  return undefined;
}

/** Conditions split into the parts that all have to hold: `when { a && b }` into two, `unless { a || b }` as well. */
export function partsOf(conditions: PolicyJson['conditions']): PolicyJson['conditions'] {
  return conditions.flatMap(({ kind, body }) => {
    const operator = kind === 'when' ? '&&' : '||';
    const parts: (typeof body)[] = [];
    let rest: typeof body = body;
    for (;;) {
      const both = sides(rest, operator);
      if (!both) break;
      parts.unshift(both.right);
      rest = both.left;
    }
    return [rest, ...parts].map((part) => ({ kind, body: part }));
  });
}

type Body = PolicyJson['conditions'][number]['body'];

function sides(expression: Body, operator: '&&' | '||'): { left: Body; right: Body } | undefined {
  if (operator === '&&' && '&&' in expression && !Array.isArray(expression['&&']))
    return expression['&&'];
  if (operator === '||' && '||' in expression && !Array.isArray(expression['||']))
    return expression['||'];
  return undefined;
}

const CHAIN = new Set(['&&', '||']);

/**
 * How much stack an expression needs: 8 for each level, 1 for each link of a chain of `&&` or `||`, as Cedar walks trees
 * by recursion and traps when the stack ends.
 */
export function stackCost(root: unknown): number {
  let most = 0;
  const rest: [unknown, number][] = [[root, 0]];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [at, cost] = next;
    if (typeof at !== 'object' || at === null) continue;
    most = Math.max(most, cost);
    for (const [key, inner] of Object.entries(at))
      rest.push([inner, cost + (CHAIN.has(key) ? 1 : OPERAND.has(key) ? 0 : 8)]);
  }
  return most;
}

/** Keys and places that are no level of their own. */
const OPERAND = new Set(['left', 'right', 'arg']);
