import { suggest } from '../../lib/suggest.ts';
import type { PolicyJson } from '../cedar.ts';
import type { Compiled } from '../compile.ts';
import { contextChains, contextPaths } from '../expressions.ts';
import type { Complaint } from '../obligations.ts';
import { isToolAction } from '../schema.ts';
import type { RecordType } from './argument-type.ts';
import type { ArgumentTypes } from './argument-types.ts';

/** Arguments that conditions look at, each as steps from `context.args`. */
export function argumentPaths({ conditions }: PolicyJson): string[][] {
  // Remembered, and almost always empty.
  if (![...contextPaths(conditions)].some((path) => /^args(?:\.|$)/u.test(path))) return [];
  return contextChains(conditions)
    .filter(([record]) => record === 'args')
    .map((steps) => steps.slice(1));
}

/** Actions of tools that a scope names; undefined where it fits something else as well. */
export function scopeTools({ action }: PolicyJson): string[] | undefined {
  const uids = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : [];
  const ids = uids.map((uid) => ('id' in uid ? uid.id : uid['__entity'].id));
  return ids.length > 0 && ids.every(isToolAction) ? ids : undefined;
}

/** What has to hold of a policy about arguments whatever the tools are. */
export function argumentComplaints(policy: PolicyJson): Complaint[] {
  const paths = argumentPaths(policy);
  if (paths.length === 0) return [];
  if (scopeTools(policy) === undefined)
    return [
      {
        what: 'it looks at arguments, and its scope does not name the tools that have them',
        hint: 'write action == Action::"tools/call:files/read_file", or action in [several]',
      },
    ];
  if (!paths.some((path) => path.length === 0)) return [];
  return [
    {
      what: 'it takes context.args as a whole',
      hint: 'name the arguments: context.args.path; context.args itself is always there',
    },
  ];
}

/** Arguments that none of the tools in the scope has: `has` would be false for ever, and a guard behind it missing. */
export function argumentsUnknown(
  policy: PolicyJson,
  types: ReadonlyMap<string, ArgumentTypes>,
): Complaint[] {
  const tools = scopeTools(policy) ?? [];
  return argumentPaths(policy).flatMap((path): Complaint[] => {
    const faults = tools.map((tool) => {
      const known = types.get(tool);
      return known && faultIn(known, path);
    });
    const [fault] = faults;
    if (fault === undefined || faults.includes(undefined)) return [];
    const which = (tools[0] ?? '').replace(/^tools\/call:/u, '');
    return [{ what: `${which} ${fault.what}`, ...(fault.hint && { hint: fault.hint }) }];
  });
}

function faultIn(
  { type, unmapped }: ArgumentTypes,
  path: readonly string[],
): Complaint | undefined {
  let at: RecordType | undefined = type;
  let place = '';
  for (const name of path) {
    // What Cedar cannot look into it says by itself.
    if (at === undefined) return undefined;
    place += `/${name}`;
    const field = at.fields.get(name);
    if (!field) {
      const why = unmapped.find(
        (each) => each.place === place || each.place.startsWith(`${place}/`),
      );
      if (why) return { what: `has an argument ${place} that policies cannot see: ${why.why}` };
      const near = suggest(name, at.fields.keys());
      const hint =
        near === undefined ? `it has ${[...at.fields.keys()].join(', ')}` : `did you mean ${near}?`;
      return { what: `has no argument ${place}`, hint };
    }
    at = field.type.kind === 'record' ? field.type : undefined;
  }
  return undefined;
}

/** Action of a tool → argument → policies that look at it. */
export type Reads = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<Compiled>>>;

export function argumentReads(policies: readonly Compiled[]): Reads {
  const reads = new Map<string, Map<string, Set<Compiled>>>();
  for (const each of policies)
    for (const [name = ''] of argumentPaths(each.policy))
      for (const action of scopeTools(each.policy) ?? []) {
        const ofAction = reads.get(action) ?? new Map<string, Set<Compiled>>();
        reads.set(action, ofAction.set(name, (ofAction.get(name) ?? new Set()).add(each)));
      }
  return reads;
}

/** Tools whose arguments a policy looks at, and that nobody has accepted yet. */
export function toolsUnknown(
  { policy }: Compiled,
  tools: ReadonlyMap<string, unknown>,
): readonly string[] {
  if (argumentPaths(policy).length === 0) return [];
  return (scopeTools(policy) ?? []).filter((action) => !tools.has(action));
}
