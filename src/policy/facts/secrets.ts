import { secretForms } from '../../audit/secret-forms.ts';
import { SECRET_NAME, SECRET_PATTERN } from '../../audit/secret-patterns.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
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
      for (const { groups = {} } of value.matchAll(SECRET_PATTERN))
        for (const [kind, text] of Object.entries(groups)) if (text !== undefined) found.add(kind);
      if (forms.some((form) => value.includes(form))) found.add('own');
    }
    if (hasNamed(args)) found.add('named');
    return found;
  };
}

function hasNamed(args: JsonObject): boolean {
  const rest: JsonValue[] = [args];
  for (let next = rest.pop(); next !== undefined; next = rest.pop())
    if (typeof next === 'object' && next !== null)
      for (const [name, inner] of Object.entries(next)) {
        if (typeof inner === 'string' && inner !== '' && SECRET_NAME.test(name)) return true;
        if (typeof inner === 'object') rest.push(inner);
      }
  return false;
}
