import { createRequire } from 'node:module';
import type { Ajv, ErrorObject, Options } from 'ajv';
import type * as Ajv07 from 'ajv';
import type * as Ajv19 from 'ajv/dist/2019.js';
import type * as Ajv20 from 'ajv/dist/2020.js';
import type * as Formats from 'ajv-formats';
import { jsonSize } from '../lib/json-size.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import { Overrun, withDeadline } from './watchdog.ts';

/** What a value breaks; empty: nothing. Throws `Overrun` when the check takes too long. */
export type CheckValue = (value: JsonValue) => readonly ErrorObject[];

/** Why a schema cannot be enforced; the message is fit for the person who reviews the tool. */
export class SchemaProblem extends Error {
  override readonly name = 'SchemaProblem';
}

const MAX_BYTES = 512 * 1024;
const MAX_DEPTH = 100;
/** Generous: a busy machine must not quarantine an honest tool. */
const COMPILE_MS = 10_000;
const CHECK_MS = 1000;
/** Keywords whose check may cost more than the size of the value; only these need the watchdog. */
const COSTLY =
  /"(?:pattern|patternProperties|format|uniqueItems|propertyNames|\$ref|\$dynamicRef|unevaluatedProperties|unevaluatedItems|oneOf|anyOf|allOf|not|if|contains)"\s*:/u;

const require = createRequire(import.meta.url);

/* Loaded for the first schema: a start with accepted definitions compiles none. `require` knows no types. */
/* oxlint-disable typescript/no-unsafe-type-assertion */
const DIALECTS = {
  '2020-12': () => (require('ajv/dist/2020.js') as typeof Ajv20).Ajv2020,
  '2019-09': () => (require('ajv/dist/2019.js') as typeof Ajv19).Ajv2019,
  'draft-07': () => (require('ajv') as typeof Ajv07).Ajv,
} as const;
const formats = () => (require('ajv-formats') as typeof Formats).default;
/* oxlint-enable typescript/no-unsafe-type-assertion */
type Dialect = keyof typeof DIALECTS;

/** `$schema` values met in the wild; draft-06 differs from draft-07 only by what the latter adds. */
const DIALECT_OF: Readonly<Record<string, Dialect>> = {
  'json-schema.org/draft/2020-12/schema': '2020-12',
  'json-schema.org/draft/2019-09/schema': '2019-09',
  'json-schema.org/draft-07/schema': 'draft-07',
  'json-schema.org/draft-06/schema': 'draft-07',
  'json-schema.org/schema': '2020-12',
};

const OPTIONS: Options = {
  // Upstream schemas have keywords of their own; unknown ones mean nothing instead of failing the tool.
  strict: false,
  allErrors: true,
  // Otherwise `constructor` or `toString` would count as given, from the prototype.
  ownProperties: true,
  logger: false,
  code: { regExp: Object.assign(createRegExp, { code: 'undefined' }) },
};

/** Patterns are written for ECMAScript; many are only valid without the `u` flag. The watchdog bounds what they cost. */
function createRegExp(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return new RegExp(pattern, flags.replace('u', ''));
  }
}

/** One validator of schemas per dialect; nothing of an upstream is ever added to it. */
const metaValidators = new Map<Dialect, Ajv>();

/**
 * Compiles one schema of an upstream in an instance of its own, so that no `$id` reaches another schema. Nothing is
 * fetched: a `$ref` must resolve inside. Throws `SchemaProblem`.
 */
export function compileSchema(schema: JsonObject): CheckValue {
  const { bytes, depth } = jsonSize(schema, MAX_BYTES);
  if (bytes > MAX_BYTES) throw new SchemaProblem(`the schema is larger than ${MAX_BYTES} bytes`);
  if (depth > MAX_DEPTH) throw new SchemaProblem(`the schema nests deeper than ${MAX_DEPTH}`);
  // Its validator would answer with a promise: never false, and a rejection nobody waits for.
  if (Object.hasOwn(schema, '$async')) throw new SchemaProblem('the schema is asynchronous');
  const dialect = dialectOf(schema);
  const { $schema: _, ...body } = schema;
  let validate: (value: unknown) => unknown;
  let instance: Ajv;
  try {
    instance = withDeadline(COMPILE_MS, () => {
      const meta = metaValidator(dialect);
      if (meta.validateSchema(body) !== true)
        throw new SchemaProblem(
          `not a valid ${dialect} schema: ${meta.errorsText(meta.errors).slice(0, 300)}`,
        );
      return createInstance(dialect, body);
    });
    validate = withDeadline(COMPILE_MS, () => instance.compile(body));
  } catch (thrown) {
    if (thrown instanceof SchemaProblem) throw thrown;
    // It may have been stopped in the middle of its own work.
    if (thrown instanceof Overrun) metaValidators.delete(dialect);
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SchemaProblem(`the schema does not compile: ${reason.slice(0, 300)}`, {
      cause: thrown,
    });
  }
  function check(value: JsonValue): readonly ErrorObject[] {
    if (validate(value) === true) return [];
    const errors: unknown = 'errors' in validate ? validate.errors : undefined;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ajv's own list
    return Array.isArray(errors) ? (errors as ErrorObject[]) : [UNDECIDED];
  }
  return COSTLY.test(JSON.stringify(body))
    ? (value) => withDeadline(CHECK_MS, () => check(value))
    : check;
}

const UNDECIDED: ErrorObject = {
  keyword: 'undecided',
  instancePath: '',
  schemaPath: '',
  params: {},
  message: 'cannot be checked against this schema',
};

function dialectOf({ $schema }: JsonObject): Dialect {
  if ($schema === undefined) return '2020-12';
  const name =
    typeof $schema === 'string' ? $schema.replace(/^https?:\/\//, '').replace(/#$/, '') : '';
  const dialect = Object.hasOwn(DIALECT_OF, name) ? DIALECT_OF[name] : undefined;
  if (dialect === undefined)
    throw new SchemaProblem(`unknown dialect ${JSON.stringify($schema).slice(0, 100)}`);
  return dialect;
}

function metaValidator(dialect: Dialect): Ajv {
  const known = metaValidators.get(dialect);
  if (known) return known;
  const created: Ajv = new (DIALECTS[dialect]())(OPTIONS);
  metaValidators.set(dialect, created);
  return created;
}

function createInstance(dialect: Dialect, schema: JsonObject): Ajv {
  // Compiling the meta-schema takes 40 ms; only a schema that refers to it needs it.
  const meta = JSON.stringify(schema).includes('json-schema.org/');
  const instance: Ajv = new (DIALECTS[dialect]())({ ...OPTIONS, meta, validateSchema: false });
  formats().default(instance);
  return instance;
}
