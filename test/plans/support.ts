import type { JsonObject, Subject } from '../../src/call.ts';
import { definitionHash } from '../../src/catalogue/definition.ts';
import { fix } from '../../src/lib/fixed.ts';
import { parseJson, isJsonObject, freezeJson } from '../../src/lib/json.ts';
import { createSchemas } from '../../src/plan/arguments.ts';
import { checkSteps } from '../../src/plans/check-steps.ts';
import { readPlan } from '../../src/plans/read-plan.ts';
import { subjectOf } from '../policy/support.ts';

export const LIMITS = { maxSteps: 100, maxDepth: 20, maxBytes: 256 * 1024 };

const object = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** Tools of a small bank, by the names that a client uses. */
export const TOOLS: Readonly<Record<string, Subject>> = Object.fromEntries(
  [
    toolOf('bank', 'read_bill', {
      inputSchema: object({ file: { type: 'string' } }, ['file']),
      outputSchema: object({
        id: { type: 'string' },
        amount: { type: 'number' },
        rows: { type: 'array', items: object({ text: { type: 'string' } }) },
      }),
      source: ['untrusted'],
    }),
    toolOf('bank', 'read_secret', {
      inputSchema: object({}),
      source: ['secret'],
    }),
    toolOf('bank', 'pay', {
      inputSchema: object(
        { to: { type: 'string' }, amount: { type: 'number', minimum: 0 }, note: {} },
        ['to', 'amount'],
      ),
      classes: ['financial'],
      sink: ['pay'],
    }),
    toolOf('mail', 'send', {
      inputSchema: object({ to: { type: 'string' }, body: { type: 'string' } }, ['to', 'body']),
      classes: ['external_communication'],
      sink: ['external'],
    }),
  ].map((subject) => [`${subject.server}__${subject.name}`, subject]),
);

function toolOf(
  server: string,
  name: string,
  {
    inputSchema,
    outputSchema,
    ...more
  }: Partial<Subject> & { inputSchema: JsonObject; outputSchema?: JsonObject },
): Subject {
  const definition = freezeJson({
    name,
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
  });
  return fix({
    ...subjectOf({ server, name, definition, hash: definitionHash('tool', definition) }),
    ...more,
  });
}

export const ref = (step: string, pointer: string): JsonObject => ({ $step: step, pointer });

/** A step as a client writes it. */
export function stepOf(
  id: string,
  tool: string,
  args: JsonObject,
  more: JsonObject = {},
): JsonObject {
  return { id, tool, arguments: args, ...more };
}

export const planOf = (...steps: readonly JsonObject[]): JsonObject =>
  parsed({ purpose: 'a test', steps });

/** As it would come off the wire. */
export function parsed(value: JsonObject): JsonObject {
  const read = parseJson(JSON.stringify(value), { maxBytes: 1 << 24, maxDepth: 64 });
  if (!isJsonObject(read)) throw new TypeError('not an object');
  return freezeJson(read);
}

export const schemas = createSchemas();

/** Every problem of a plan, as `place: what`. */
export function problemsOf(args: JsonObject, limits = LIMITS): string[] {
  const { plan, problems } = readPlan(args, limits);
  const checked = checkSteps(plan, { lookUp: (name) => lookUp(name), schemas });
  return [...problems, ...checked.problems].map(({ place, what }) => `${place}: ${what}`);
}

export function lookUp(name: string): Subject | 'unknown' {
  return Object.hasOwn(TOOLS, name) ? (TOOLS[name] ?? 'unknown') : 'unknown';
}
