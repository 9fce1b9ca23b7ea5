import type { EntityJson, SchemaJson } from './cedar.ts';
import type { Compiled } from './compile.ts';
import { attributesOf, contextPaths, createReads, entitiesOf, entityKey } from './expressions.ts';
import type { Context, Person, What } from './question.ts';

type Namespace = SchemaJson[string];
type Type = NonNullable<Namespace['commonTypes']>[string];

/** What Cedar is handed of a context. */
type FocusedContext = Record<string, Record<string, Value>>;
type Value = EntityJson['attrs'][string];

/**
 * Leaves out of schema and question what none of these policies looks at: it cannot change an answer, and half of the
 * time of a decision is reading it.
 */
export type Focus = {
  schema(schema: SchemaJson): SchemaJson;
  context(context: Context): FocusedContext;
  entities(person: Person, what: What): EntityJson[];
};

export function createFocus(policies: readonly Compiled[]): Focus {
  const attributes = new Set(policies.flatMap(({ policy }) => [...attributesOf(policy)]));
  const entities = new Set(policies.flatMap(({ policy }) => [...entitiesOf(policy)]));
  const paths = new Set(policies.flatMap(({ policy }) => [...contextPaths(policy.conditions)]));
  const isRead = createReads(paths);
  const records = new Set([...paths].map((path) => path.replace(/\..*$/su, '')));
  records.delete('args');
  const readsArguments = [...paths].some((path) => path.startsWith('args.'));

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
      // Those that are read, or none of them: then it is empty, and has to be there all the same.
      if (record === 'args') return readsArguments ? fields : undefined;
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
    entities: ({ user }, { described }) =>
      (described ? [user, described] : [user]).map(focusEntity),
    context(context) {
      const seen: FocusedContext = {};
      for (const [record, fields] of Object.entries(context)) {
        const isKept = record === 'args' && readsArguments;
        const kept = pick<Value>(fields, (field) => isKept || isRead(record, field));
        // Of what is read nothing may be there: the schema wants the record all the same.
        if (isKept || Object.keys(kept).length > 0 || records.has(record)) seen[record] = kept;
      }
      return seen;
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

/** Of a record with members that are worked out when they are read, only those that are kept are. */
function pick<T>(
  record: Readonly<Record<string, T | undefined>>,
  keep: (key: string) => boolean,
): Record<string, T> {
  const picked: Record<string, T> = {};
  for (const key of Object.keys(record)) {
    const value = keep(key) ? record[key] : undefined;
    if (value !== undefined) picked[key] = value;
  }
  return picked;
}
