import type { PolicyJson } from './cedar.ts';
import type { Compiled } from './compile.ts';
import { contextPaths, entitiesOf, entityKey, partsOf } from './expressions.ts';
import { ANY_TOOL, isToolAction } from './schema.ts';
import { fits } from './slices.ts';

/** Records of the context that exist only once there is a call. */
const CALL_TIME = ['facts', 'args', 'pep', 'plan'];
/** Of the session, what depends on whether the call is a step of a plan. */
const OF_STEP = ['session.stepInPlan', 'session.planLabels', 'session.fromUntrusted'];
const TOOL_CALL = 'tools/call:';

/**
 * The policies that answer "could any arguments be permitted to this caller now?": permits without the conditions that
 * depend on the call, and no forbids that do. Whatever the real policies allow, these allow as well.
 */
export function listPolicies(policies: readonly Compiled[]): Compiled[] {
  const kept = policies.flatMap((each) => {
    const { policy } = each;
    if (!readsCall(policy.conditions)) return [each];
    if (policy.effect === 'forbid') return [];
    const conditions = partsOf(policy.conditions).filter((part) => !readsCall(part));
    return [{ ...each, policy: { ...policy, conditions } }];
  });
  return byResource(kept);
}

/** An error skips a permit, which hides a tool; an erring forbid refuses, as it would refuse the call. */
export function toleratesInLists({ policy }: Compiled): boolean {
  return policy.effect === 'permit';
}

function readsCall(part: unknown): boolean {
  return [...contextPaths(part)].some(
    (path) => path === '' || CALL_TIME.includes(path.split('.')[0] ?? '') || OF_STEP.includes(path),
  );
}

/**
 * A call of one tool is a call about that tool: policies for such an action are told by the resource instead, so that
 * all tools share one action. Each action has a schema of its own, and preparing it costs more than ten questions.
 */
function byResource(policies: readonly Compiled[]): Compiled[] {
  const others = new Set(
    policies.flatMap(({ policy }) => {
      const { action, ...rest } = policy;
      return [...entitiesOf(toolOf(action) === undefined ? policy : { ...rest, action: ALL })];
    }),
  );
  return policies.flatMap((each) => {
    const { policy } = each;
    const tool = toolOf(policy.action);
    // Where another policy asks for this action in its conditions, the tool keeps it.
    if (tool === undefined || others.has(`Action::${TOOL_CALL}${tool}`)) return [each];
    const entity = { type: 'Tool', id: tool };
    const server = { type: 'Server', id: tool.slice(0, tool.indexOf('/')) };
    const itself = new Set([entityKey(entity), entityKey(server)]);
    if (!fits(policy.resource, (key) => itself.has(key), 'Tool')) return [];
    const resource = { op: '==', entity } as const;
    return [{ ...each, policy: { ...policy, action: ANY, resource } }];
  });
}

const ALL = { op: 'All' } as const;
const ANY = { op: '==', entity: { type: 'Action', id: ANY_TOOL } } as const;

/** The tool in `action == Action::"tools/call:files/read_file"`. */
function toolOf(scope: PolicyJson['action']): string | undefined {
  if (scope.op !== '==' || !('entity' in scope)) return undefined;
  const { entity } = scope;
  const { id } = 'id' in entity ? entity : entity['__entity'];
  return isToolAction(id) ? id.slice(TOOL_CALL.length) : undefined;
}
