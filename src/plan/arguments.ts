import type { ErrorObject } from 'ajv';
import { Denial } from '../denial.ts';
import { jsonSize } from '../lib/json-size.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { compileSchema, SchemaProblem, type CheckValue } from './compile-schema.ts';
import { describeProblems } from './problems.ts';
import { Overrun } from './watchdog.ts';

export type SchemasOptions = {
  /** Bytes of the arguments of one call. */
  readonly maxBytes?: number;
  readonly maxDepth?: number;
};

type CompiledSchemas =
  | { readonly input: CheckValue; readonly output: CheckValue | undefined }
  | { readonly problem: string };

export type Schemas = {
  /** Throws `arguments-invalid` with every problem, `too-large`, or `quarantined` when the schema itself is broken. Never changes the arguments. */
  readonly check: (definition: JsonObject, hash: string, args: JsonObject) => void;
  /**
   * What arguments break that are not whole yet, in words; `open` are JSON Pointers to what is put in later, of which
   * nothing is known.
   */
  readonly checkTemplate: (
    definition: JsonObject,
    hash: string,
    args: JsonObject,
    open: readonly string[],
  ) => string | undefined;
  /** The same for the arguments of a prompt: named strings, some required. */
  checkPrompt(definition: JsonObject, args: JsonObject): void;
  /** What a structured result breaks of `outputSchema`, in words; undefined when it fits or none is declared. */
  readonly checkOutput: (
    definition: JsonObject,
    hash: string,
    value: JsonValue | undefined,
  ) => string | undefined;
  /** Why a schema of a tool cannot be enforced: that tool is quarantined, no other. */
  readonly schemaProblem: (definition: JsonObject, hash: string) => string | undefined;
};

/** Definitions change; an upstream that changes them without end must not fill the memory. */
const MAX_CACHED = 4000;

/** Checks arguments and structured results against the schemas of tools; compiled once per definition hash, when first used. */
export function createSchemas({
  maxBytes = 4 * 1024 * 1024,
  maxDepth = 64,
}: SchemasOptions = {}): Schemas {
  const cache = new Map<string, CompiledSchemas>();

  function compileSchemas(definition: JsonObject, hash: string): CompiledSchemas {
    const known = cache.get(hash);
    if (known) return known;
    const compiled = compileBoth(definition);
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value ?? '');
    cache.set(hash, compiled);
    return compiled;
  }

  function checkSize(args: JsonObject): void {
    const { bytes, depth } = jsonSize(args, maxBytes);
    if (bytes > maxBytes)
      throw new Denial('too-large', `Cannot take the arguments: more than ${maxBytes} bytes`, {
        hint: 'Send less, or in parts',
      });
    if (depth > maxDepth)
      throw new Denial(
        'arguments-invalid',
        `Cannot take the arguments: nested deeper than ${maxDepth}`,
      );
  }

  function check(definition: JsonObject, hash: string, args: JsonObject): void {
    checkSize(args);
    const compiled = compileSchemas(definition, hash);
    if ('problem' in compiled)
      throw new Denial('quarantined', `Cannot call the tool: its schema cannot be enforced`, {
        hint: 'Tell the user: the definition of this tool needs review',
      });
    const problems = problemsOf(compiled.input, args);
    if (problems !== undefined)
      throw new Denial('arguments-invalid', `Cannot call the tool: ${problems}`, {
        hint: 'Correct the arguments at these places and call again',
      });
  }

  function checkTemplate(
    definition: JsonObject,
    hash: string,
    args: JsonObject,
    open: readonly string[],
  ): string | undefined {
    const compiled = compileSchemas(definition, hash);
    if ('problem' in compiled) return 'the schema of the tool cannot be enforced';
    return problemsOf(compiled.input, args, (error) => isAbout(error, open));
  }

  function checkPrompt({ arguments: declared }: JsonObject, args: JsonObject): void {
    checkSize(args);
    const problems = Object.entries(args)
      .filter(([, value]) => typeof value !== 'string')
      .map(([key]) => `/${key.slice(0, 100)} must be string`);
    for (const item of Array.isArray(declared) ? declared : [])
      if (isJsonObject(item) && item['required'] === true && typeof item['name'] === 'string')
        if (!Object.hasOwn(args, item['name']))
          problems.push(`/${item['name'].slice(0, 100)} is missing`);
    if (problems.length > 0)
      throw new Denial(
        'arguments-invalid',
        `Cannot get the prompt: ${problems.slice(0, 12).join('; ')}`,
      );
  }

  function checkOutput(
    definition: JsonObject,
    hash: string,
    value: JsonValue | undefined,
  ): string | undefined {
    if (definition['outputSchema'] === undefined) return undefined;
    const compiled = compileSchemas(definition, hash);
    if ('problem' in compiled) return compiled.problem;
    if (value === undefined)
      return 'structuredContent is missing, the tool declares an outputSchema';
    return compiled.output === undefined ? undefined : problemsOf(compiled.output, value);
  }

  function schemaProblem(definition: JsonObject, hash: string): string | undefined {
    const compiled = compileSchemas(definition, hash);
    return 'problem' in compiled ? compiled.problem : undefined;
  }

  return { check, checkTemplate, checkPrompt, checkOutput, schemaProblem };
}

function problemsOf(
  checkValue: CheckValue,
  value: JsonValue,
  passedOver: (error: ErrorObject) => boolean = () => false,
): string | undefined {
  try {
    const errors = checkValue(value).filter((error) => !passedOver(error));
    return errors.length === 0 ? undefined : describeProblems(errors);
  } catch (thrown) {
    if (thrown instanceof Overrun) return 'the check took too long';
    // A schema may recurse without end on a value; what cannot be checked is not accepted.
    if (thrown instanceof RangeError) return 'the check recurses too deep';
    throw thrown;
  }
}

/** What these say of an object or list holds whatever its members come to be. */
const OF_NAMES = new Set([
  'required',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'dependentRequired',
  'minProperties',
  'maxProperties',
  'minItems',
  'maxItems',
  'type',
]);

/** Whether an error may be about what is put in later: at its place, inside of it, or about something that it is part of. */
function isAbout(
  { instancePath, schemaPath, keyword }: ErrorObject,
  open: readonly string[],
): boolean {
  return open.some((place) => {
    if (instancePath === place || instancePath.startsWith(`${place}/`)) return true;
    const isAbove = instancePath === '' || place.startsWith(`${instancePath}/`);
    // In one of several forms a member may be missing because the form is another.
    return isAbove && (!OF_NAMES.has(keyword) || FORMS.test(schemaPath));
  });
}

const FORMS = /\/(?:anyOf|oneOf|allOf|not|if|then|else|contains|\$defs|definitions)\//u;

function compileBoth(definition: JsonObject): CompiledSchemas {
  try {
    const { inputSchema, outputSchema } = definition;
    if (!isJsonObject(inputSchema)) throw new SchemaProblem('there is no inputSchema');
    if (inputSchema['type'] !== undefined && inputSchema['type'] !== 'object')
      throw new SchemaProblem('its type is not "object"');
    const input = named('inputSchema', () => compileSchema(inputSchema));
    if (outputSchema === undefined) return { input, output: undefined };
    if (!isJsonObject(outputSchema)) throw new SchemaProblem('outputSchema is not an object');
    return { input, output: named('outputSchema', () => compileSchema(outputSchema)) };
  } catch (thrown) {
    if (thrown instanceof SchemaProblem) return { problem: thrown.message };
    throw thrown;
  }
}

function named(which: string, compile: () => CheckValue): CheckValue {
  try {
    return compile();
  } catch (thrown) {
    if (thrown instanceof SchemaProblem)
      throw new SchemaProblem(`${which}: ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}
