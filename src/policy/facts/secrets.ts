import { secretForms } from '../../audit/secret-forms.ts';
import { SECRET_KINDS, SECRET_NAME } from '../../audit/secret-patterns.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import type { Leaves } from './leaves.ts';
import { UNCLEAR } from './unclear.ts';

/** Kinds of credentials in the arguments: those of the audit's patterns, `own` for the owner's, `named` for fields. */
export function createSecretsIn(
  secrets: readonly string[],
): (leaves: Leaves, args: JsonObject) => Set<string> {
  const forms = secretForms(secrets);
  return function secretsIn({ all, isWhole }, args) {
    const found = new Set<string>(isWhole ? [] : [UNCLEAR]);
    for (const { value } of all) {
      if (typeof value !== 'string' || value.length < 4) continue;
      for (const [kind, pattern] of SECRET_KINDS) if (pattern.test(value)) found.add(kind);
      if (forms.some((form) => value.includes(form))) found.add('own');
    }
    if (hasNamed(args)) found.add('named');
    return found;
  };
}

/** `{ password: "x" }`, `{ password: ["x"] }`, `{ password: { value: "x" } }` and `{ name: "Authorization", value: "x" }`. */
function hasNamed(args: JsonObject): boolean {
  const rest: (readonly [JsonValue, boolean])[] = [[args, false]];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [value, isNamed] = next;
    if (isNamed && typeof value === 'string' && value !== '') return true;
    if (typeof value !== 'object' || value === null) continue;
    const holds = isJsonObject(value) ? isNamed || saysSecret(value) : isNamed;
    for (const [name, inner] of Object.entries(value))
      if (inner !== undefined)
        rest.push([
          inner,
          SECRET_NAME.test(name) || (holds && (Array.isArray(value) || VALUE.test(name))),
        ]);
  }
  return false;
}

const VALUE = /^values?$/iu;

/** As in a list of headers. */
function saysSecret({ name, key, header, field }: JsonObject): boolean {
  return [name, key, header, field].some(
    (said) => typeof said === 'string' && SECRET_NAME.test(said),
  );
}
