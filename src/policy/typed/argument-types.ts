import { rememberFixed } from '../../lib/fixed.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { isName, type ArgumentType, type Field, type RecordType } from './argument-type.ts';
import { readSchema } from './read-schema.ts';
import type { Shape } from './shape.ts';

/** What policies can see of the arguments of one tool. */
export type ArgumentTypes = {
  readonly type: RecordType;
  /** Declared arguments that have no type in Cedar, and why. */
  readonly unmapped: readonly { readonly place: string; readonly why: string }[];
};

/** More than any tool has, fewer than would make a question slow. */
const MAX_FIELDS = 1000;

/** Of a tool as its server defines it. Never throws. */
export const argumentTypes = rememberFixed(typesOf);

function typesOf({ inputSchema }: JsonObject): ArgumentTypes {
  const unmapped: { place: string; why: string }[] = [];
  let count = 0;
  const shape = readSchema(isJsonObject(inputSchema) ? inputSchema : {});
  const { form } = shape;
  const fields =
    typeof form === 'object' && form.kind === 'record'
      ? fieldsOf(form, '')
      : new Map<string, Field>();
  return { type: { kind: 'record', fields }, unmapped };

  function note(place: string, why: string): undefined {
    unmapped.push({ place, why });
  }

  function typeOf({ form: found, why }: Shape, place: string): ArgumentType | undefined {
    if (found === 'anything') return note(place, why || 'its type is not said');
    if (found === 'nothing') return note(place, 'no value fits');
    if (found.kind === 'record') {
      if (found.fields.size === 0 && !found.closed) return { kind: 'names' };
      return { kind: 'record', fields: fieldsOf(found, place) };
    }
    if (found.kind !== 'set') return { kind: found.kind };
    const element = typeOf(found.of, place);
    return element && { kind: 'set', of: element, orOne: found.orOne };
  }

  function fieldsOf(
    record: Extract<Shape['form'], { kind: 'record' }>,
    place: string,
  ): Map<string, Field> {
    const found = new Map<string, Field>();
    for (const [name, each] of record.fields) {
      const inner = below(place, name);
      if (!isName(name)) note(inner, 'Cedar has no such name');
      else if (++count > MAX_FIELDS) note(inner, `it is past the first ${MAX_FIELDS}`);
      else {
        const type = typeOf(each, inner);
        const required = record.required.has(name);
        if (type) found.set(name, { type, required, nullable: each.nullable });
      }
    }
    return found;
  }
}

/** JSON Pointer (RFC 6901) of a member. */
export function below(place: string, name: string): string {
  return `${place}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
