import { CLASSES } from '../call.ts';
import type { CapabilityClass } from '../call.ts';
import type { SchemaJson } from './cedar.ts';
import type { CedarRecord } from './typed/argument-type.ts';

/** The action of every tool that no policy names; policies cannot name this one. */
export const ANY_TOOL = 'tools/call:*';
/** The action of the tool that submits plans. */
export const PLAN_SUBMIT = 'plan/submit';
const NAMED_TOOL = /^tools\/call:[^/]+\/[\s\S]+$/u;

type Namespace = SchemaJson[string];
type ActionType = Namespace['actions'][string];
type Applies = NonNullable<ActionType['appliesTo']>;

/** Whether an action id is that of one tool: `tools/call:files/read_file`. */
export function isToolAction(id: string): boolean {
  return NAMED_TOOL.test(id);
}

const isClass = (name: string): name is CapabilityClass => CLASSES.some((each) => each === name);

/** Class → the classes that it is a kind of, itself included. */
export type Kinds = ReadonlyMap<CapabilityClass, ReadonlySet<CapabilityClass>>;

/** What the base schema says, in the form in which requests need it. */
export type Vocabulary = {
  readonly kinds: Kinds;
  /** Classes of a method's own action, such as `read` of `resources/read`. */
  readonly classesOf: (action: string) => readonly CapabilityClass[];
  /** A schema with one request action in these classes: its cost does not grow with the number of tools. */
  readonly shard: (
    action: string,
    classes: readonly CapabilityClass[],
    args?: CedarRecord,
  ) => SchemaJson;
  /** A schema that knows these tools, and of some the arguments, to validate policies against. */
  readonly validation: (tools: ReadonlyMap<string, CedarRecord | undefined>) => SchemaJson;
  /** A schema with these tools in their classes, for editors. */
  readonly whole: (tools: ReadonlyMap<string, ToolType>) => SchemaJson;
};

/** What is known of a tool. */
export type ToolType = {
  readonly classes: readonly CapabilityClass[];
  readonly args: CedarRecord;
};

function memberOf(classes: readonly string[]): { id: string }[] {
  return classes.map((id) => ({ id }));
}

export function createVocabulary(base: SchemaJson): Vocabulary {
  const namespace = base[''];
  if (!namespace) throw new TypeError('Cannot use the base schema: it has a namespace');
  const { actions, ...types } = namespace;
  const classActions = Object.fromEntries(
    CLASSES.map((name) => [name, actionOf(name)] as const),
  ) satisfies Record<string, ActionType>;
  const kinds: Kinds = new Map(CLASSES.map((name) => [name, closure(name)]));

  function actionOf(id: string): ActionType {
    const action = actions[id];
    if (!action) throw new TypeError(`Cannot use the base schema: it has no action ${id}`);
    return action;
  }

  function closure(name: string): Set<CapabilityClass> {
    const found = new Set<CapabilityClass>();
    const rest = [name];
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      if (isClass(next)) found.add(next);
      rest.push(...(actionOf(next).memberOf ?? []).map(({ id }) => id));
    }
    return found;
  }

  function appliesTo(action: string): Applies {
    const applies = actionOf(isToolAction(action) ? ANY_TOOL : action).appliesTo;
    if (!applies) throw new TypeError(`Cannot use the base schema: ${action} applies to nothing`);
    return applies;
  }

  function schemaWith(extra: Record<string, ActionType>): SchemaJson {
    return { '': { ...types, actions: { ...classActions, ...extra } } };
  }

  /** The context of a call of a tool whose arguments policies look at. */
  function contextWith(args: CedarRecord): CedarRecord {
    const context = types.commonTypes?.['Context'];
    if (!context || !('attributes' in context))
      throw new TypeError('Cannot use the base schema: it has no type Context');
    return { ...context, attributes: { ...context.attributes, args: { ...args, required: true } } };
  }

  return {
    kinds,
    classesOf: (action) => (actionOf(action).memberOf ?? []).map(({ id }) => id).filter(isClass),
    shard(action, classes, args) {
      const extra = { [action]: { appliesTo: appliesTo(action), memberOf: memberOf(classes) } };
      const schema = schemaWith(extra);
      if (!args) return schema;
      const commonTypes = { ...types.commonTypes, Context: contextWith(args) };
      return {
        '': { ...types, ...schema[''], actions: { ...classActions, ...extra }, commonTypes },
      };
    },
    whole(tools) {
      const tool = appliesTo(ANY_TOOL);
      const extra = [...tools].map(([id, { classes, args }]) => [
        id,
        { appliesTo: { ...tool, context: contextWith(args) }, memberOf: memberOf(classes) },
      ]);
      return schemaWith({ ...actions, ...Object.fromEntries(extra) });
    },
    validation(tools) {
      const tool = appliesTo(ANY_TOOL);
      const anything = { ...tool, resourceTypes: ['Tool', 'Resource', 'Prompt', 'Server'] };
      const extra = Object.fromEntries(
        // Whatever the lock file says of a tool or a resource: no class, one, all.
        [[], ...CLASSES.map((name) => [name])].map((classes) => [
          `(a tool that only does: ${classes.join('') || 'nothing'})`,
          { appliesTo: tool, memberOf: memberOf(classes) },
        ]),
      );
      extra['(anything that does everything)'] = {
        appliesTo: anything,
        memberOf: memberOf(CLASSES),
      };
      for (const [id, args] of tools)
        extra[id] = {
          appliesTo: args ? { ...tool, context: contextWith(args) } : tool,
          memberOf: memberOf(CLASSES),
        };
      return schemaWith({ ...actions, ...extra });
    },
  };
}
