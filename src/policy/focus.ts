import type { EntityJson, SchemaJson } from './cedar.ts';
import type { Compiled } from './compile.ts';
import { attributesOf, contextPaths, entitiesOf, entityKey } from './expressions.ts';
import type { Question } from './question.ts';

type Namespace = SchemaJson[string];
type Type = NonNullable<Namespace['commonTypes']>[string];

/** What Cedar is handed of a question. */
export type Focused = {
  readonly context: Record<string, Record<string, Value>>;
  readonly entities: EntityJson[];
};
type Value = EntityJson['attrs'][string];

/**
 * Leaves out of schema and question what none of these policies looks at: it cannot change an answer, and half of the
 * time of a decision is reading it.
 */
export type Focus = {
  schema(schema: SchemaJson): SchemaJson;
  question(question: Question): Focused;
};

export function createFocus(policies: readonly Compiled[]): Focus {
  const attributes = new Set(policies.flatMap(({ policy }) => [...attributesOf(policy)]));
  const entities = new Set(policies.flatMap(({ policy }) => [...entitiesOf(policy)]));
  const paths = new Set(policies.flatMap(({ policy }) => [...contextPaths(policy.conditions)]));

  function isRead(record: string, field: string): boolean {
    return paths.has('') || paths.has(record) || paths.has(`${record}.${field}`);
  }

  function focusEntity({ uid, attrs, parents }: EntityJson): EntityJson {
    return {
      uid,
      attrs: pick(attrs, (name) => attributes.has(name)),
      parents: parents.filter((parent) => 'type' in parent && entities.has(entityKey(parent))),
    };
  }

  function focusContext(context: Type): Type {
    return pickFields(context, (record, fields) => {
      if (record === 'pep') return fields;
      const kept = pickFields(fields, (field, type) => (isRead(record, field) ? type : undefined));
      return isEmpty(kept) ? undefined : kept;
    });
  }

  function focusShape<T extends Namespace['entityTypes'][string]>(entity: T): T {
    if (!('shape' in entity) || !entity.shape) return entity;
    const shape = pickFields(entity.shape, (name, type) =>
      attributes.has(name) ? type : undefined,
    );
    return { ...entity, shape };
  }

  return {
    schema: (schema) =>
      mapValues(schema, (namespace) => ({
        ...namespace,
        commonTypes: mapValues(namespace.commonTypes ?? {}, focusContext),
        entityTypes: mapValues(namespace.entityTypes, focusShape),
      })),
    question({ context, user, described }) {
      const seen: Focused['context'] = {};
      for (const [record, fields] of Object.entries(context)) {
        const kept = pick<Value>(fields, (field) => isRead(record, field));
        if (Object.keys(kept).length > 0) seen[record] = kept;
      }
      return { context: seen, entities: (described ? [user, described] : [user]).map(focusEntity) };
    },
  };
}

type Fields = Extract<Type, { attributes: unknown }>['attributes'];
type Field = Fields[string];

function fieldsOf(type: Type): Fields | undefined {
  return type.type === 'Record' && 'attributes' in type ? type.attributes : undefined;
}

/** A record type with some of its fields, or with others in their place. */
function pickFields<T extends Type>(
  type: T,
  choose: (name: string, field: Field) => Field | undefined,
): T {
  const fields = fieldsOf(type);
  if (!fields) return type;
  const attributes = Object.entries(fields).flatMap(([name, field]) => {
    const chosen = choose(name, field);
    return chosen ? [[name, chosen] as const] : [];
  });
  return { ...type, attributes: Object.fromEntries(attributes) };
}

function isEmpty(type: Type): boolean {
  return Object.keys(fieldsOf(type) ?? {}).length === 0 && fieldsOf(type) !== undefined;
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function pick<T>(record: Record<string, T>, keep: (key: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)));
}
