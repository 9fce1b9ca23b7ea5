import { rememberFixed } from '../../lib/fixed.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Cedar, PolicyJson } from '../cedar.ts';
import type { Compilation, Compiled } from '../compile.ts';
import { entitiesOf } from '../expressions.ts';
import { isToolAction, type Vocabulary } from '../schema.ts';
import { cedarRecord, type CedarRecord, type RecordType } from './argument-type.ts';
import { argumentTypes, type ArgumentTypes } from './argument-types.ts';
import { argumentReads, argumentsUnknown } from './reads.ts';
import { toCedar, type Seen } from './to-cedar.ts';

/** The arguments of a tool as far as policies look at them. */
export type Typed = {
  readonly record: CedarRecord;
  /** Equal for equal records. */
  readonly key: string;
  readonly read: (args: JsonObject) => Seen;
  /** Policies about this tool that do not fit its arguments as they are now: they cannot be evaluated. */
  readonly misfits: () => readonly string[];
  /** Policies that look at one of these arguments. */
  readonly readersOf: (names: Iterable<string>) => readonly string[];
};

/** Of an action and the definition of its tool; undefined where no policy looks at its arguments. */
export type TypeTool = (action: string, definition: JsonObject) => Typed | undefined;

export function createTypeTool(options: {
  readonly cedar: Cedar;
  readonly vocabulary: Vocabulary;
  readonly policies: readonly Compiled[];
  readonly unchecked: Compilation['unchecked'];
}): TypeTool {
  const { cedar, vocabulary, policies } = options;
  const unchecked = new Set(options.unchecked.map(({ policy }) => policy.id));
  const ofAction = new Map(
    [...argumentReads(policies)].map(([action, readers]) => [
      action,
      rememberFixed((definition: JsonObject) => typeTool(action, readers, definition)),
    ]),
  );
  return (action, definition) => ofAction.get(action)?.(definition);

  function typeTool(
    action: string,
    readers: ReadonlyMap<string, ReadonlySet<Compiled>>,
    definition: JsonObject,
  ): Typed {
    const types = argumentTypes(definition);
    const fields = new Map([...types.type.fields].filter(([name]) => readers.has(name)));
    const type: RecordType = { kind: 'record', fields };
    const record = cedarRecord(type);
    const all = new Set([...readers.values()].flatMap((each) => [...each]));
    let found: readonly string[] | undefined;
    return {
      record,
      key: JSON.stringify(record),
      read: (args) => toCedar(type, args),
      misfits: () => (found ??= misfitsOf(action, types, [...all])),
      readersOf: (names) =>
        [...new Set([...names].flatMap((name) => [...(readers.get(name) ?? [])]))].map(
          ({ id }) => id,
        ),
    };
  }

  /** The tool may be another one than the policies were checked against when they were loaded. */
  function misfitsOf(
    action: string,
    types: ArgumentTypes,
    readers: readonly Compiled[],
  ): readonly string[] {
    const only = { op: '==', entity: { type: 'Action', id: action } } as const;
    // Conditions may ask for other actions, those of other tools among them.
    const named = readers.flatMap(({ policy }) => [...entitiesOf(policy)].flatMap(toolAction));
    const tools = new Map<string, CedarRecord | undefined>(named.map((each) => [each, undefined]));
    const answer = cedar.use((module) =>
      module.validate({
        schema: vocabulary.validation(tools.set(action, cedarRecord(types.type))),
        policies: {
          staticPolicies: Object.fromEntries(
            readers.map(({ id, policy }) => [id, { ...policy, action: only }]),
          ),
        },
      }),
    );
    if (answer.type !== 'success') return readers.map(({ id }) => id);
    const known = new Map([[action, types]]);
    // Whether another tool in the scope has the argument, or nobody because it is misspelt, is not known of these.
    const alone = (each: Compiled): PolicyJson =>
      unchecked.has(each.id) ? { ...each.policy, action: only } : each.policy;
    const unknown = readers.filter((each) => argumentsUnknown(alone(each), known).length > 0);
    return [
      ...new Set([
        ...answer.validationErrors.map(({ policyId }) => policyId),
        ...unknown.map(({ id }) => id),
      ]),
    ].toSorted();
  }
}

const ACTION = 'Action::';

function toolAction(key: string): string[] {
  const id = key.startsWith(ACTION) ? key.slice(ACTION.length) : '';
  return isToolAction(id) ? [id] : [];
}
