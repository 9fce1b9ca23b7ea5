import * as z from 'zod';
import { freezeJson, isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { jsonSize } from '../lib/json-size.ts';
import { graphOf } from './graph.ts';
import type { Plan, PlanLimits, Problem, Step } from './plan.ts';
import { pointerOf } from './pointer.ts';
import { findReferences } from './references.ts';

const MAX_RETRIES = 5;
const MAX_PURPOSE = 2000;
const MAX_ID = 64;

const id = z.string().regex(new RegExp(`^[A-Za-z0-9_-]{1,${MAX_ID}}$`, 'u'), {
  error: `expected 1 to ${MAX_ID} of the characters A-Z a-z 0-9 _ -`,
});
const step = z.strictObject({
  id: id.describe('Your name for the step'),
  tool: z.string().min(1).max(256).describe('A tool, by the name that tools/list gives it'),
  arguments: z
    .custom<JsonObject>(isJsonObject, { error: 'expected an object' })
    .optional()
    .describe(
      'Arguments of the tool. { "$step": "a", "pointer": "/structuredContent/id" } in place of a value stands for that value of the result of step a (JSON Pointer)',
    ),
  dependsOn: z
    .array(z.string())
    .optional()
    .describe('Steps that have to be done before, besides those referred to'),
  maxRetries: z
    .int()
    .min(0)
    .max(MAX_RETRIES)
    .optional()
    .describe('How often it is tried again when its server fails; 0 unless said'),
  reveal: z
    .boolean()
    .optional()
    .describe(
      'Show you its result. What you see of untrusted or private data limits what you may do afterwards; without it the result only goes into later steps',
    ),
});
const whole = z.strictObject({
  purpose: z.string().min(1).max(MAX_PURPOSE).describe('What the plan is for, in a sentence'),
  steps: z.array(z.unknown()).min(1),
});
const said = z.strictObject({ ...whole.shape, steps: z.array(step).min(1) });

/** How a plan is written, as JSON Schema. */
export function planSchema({ maxSteps }: PlanLimits): JsonObject {
  const schema: JsonValue = JSON.parse(
    JSON.stringify(
      z.toJSONSchema(said, {
        io: 'input',
        unrepresentable: 'any',
        override: ({ zodSchema, jsonSchema }) => {
          if (zodSchema === step.shape.arguments.unwrap()) jsonSchema.type = 'object';
        },
      }),
    ),
  );
  if (!isJsonObject(schema)) throw new TypeError('Cannot describe a plan');
  const { properties } = schema;
  const steps = isJsonObject(properties) ? properties['steps'] : undefined;
  if (!isJsonObject(properties) || !isJsonObject(steps))
    throw new TypeError('Cannot describe a plan');
  return { ...schema, properties: { ...properties, steps: { ...steps, maxItems: maxSteps } } };
}

type Read = z.infer<typeof step>;

/**
 * Reads what was submitted: shape, ids, references, graph, size and depth, with every problem at once. Without problems
 * there is a plan; with some there are those steps that can be looked at further.
 */
export function readPlan(
  args: JsonObject,
  limits: PlanLimits,
): { readonly plan: Plan; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const say = (place: readonly (string | number)[], what: string): void =>
    void problems.push({ place: pointerOf(place), what });
  const tooMuch = excess(args, limits);
  // What is too large is not looked through.
  if (tooMuch !== undefined)
    return {
      plan: { purpose: '', steps: [], depth: 0 },
      problems: [{ place: '', what: tooMuch }],
    };

  const shape = whole.safeParse(args);
  sayIssues([], shape.error, say);
  const { steps: given } = args;
  const listed: readonly JsonValue[] = Array.isArray(given) ? given : [];
  const read = listed.map((value: JsonValue, at) => {
    const { data, error } = step.safeParse(value);
    sayIssues(['steps', at], error, say);
    return data;
  });
  const ids = idsOf(listed, say);
  const steps = read.flatMap((one, at) => (one === undefined ? [] : [stepOf(one, at, ids, say)]));
  const { depth, stuck } = graphOf(steps);
  const isStuck = new Set(stuck);
  for (const one of steps)
    if (isStuck.has(one.id)) say(['steps', one.at], `${one.id} waits for itself, by way of others`);
  if (depth > limits.maxDepth)
    say(
      ['steps'],
      `the longest way through it has ${depth} steps, the limit is ${limits.maxDepth}`,
    );
  const purpose = typeof args['purpose'] === 'string' ? args['purpose'] : '';
  return {
    plan: freezePlan({ purpose, steps, depth }),
    problems,
  };
}

function excess(args: JsonObject, { maxBytes, maxSteps }: PlanLimits): string | undefined {
  if (jsonSize(args, maxBytes).bytes > maxBytes) return `it is larger than ${maxBytes} bytes`;
  const { steps } = args;
  return Array.isArray(steps) && steps.length > maxSteps
    ? `it has ${steps.length} steps, the limit is ${maxSteps}`
    : undefined;
}

/** Every id that is given, so that a step whose shape is wrong can be named all the same. */
function idsOf(
  listed: readonly JsonValue[],
  say: (place: readonly (string | number)[], what: string) => void,
): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const [at, value] of listed.entries()) {
    const name = isJsonObject(value) ? value['id'] : undefined;
    if (typeof name !== 'string') continue;
    if (ids.has(name)) say(['steps', at, 'id'], 'another step has this id');
    ids.add(name);
  }
  return ids;
}

function stepOf(
  one: Read,
  at: number,
  ids: ReadonlySet<string>,
  say: (place: readonly (string | number)[], what: string) => void,
): Step {
  const args = freezeJson(one.arguments ?? {});
  const references = findReferences(args, (place, what) =>
    say(['steps', at, 'arguments', ...place], what),
  );
  for (const [place, need] of (one.dependsOn ?? []).entries())
    if (!ids.has(need)) say(['steps', at, 'dependsOn', place], 'there is no step of this id');
  for (const { step: need, at: place } of references.values())
    if (!ids.has(need))
      say(['steps', at, 'arguments', ...place, '$step'], 'there is no step of this id');
  const needs = new Set([
    ...(one.dependsOn ?? []),
    ...[...references.values()].map(({ step: need }) => need),
  ]);
  return {
    id: one.id,
    at,
    tool: one.tool,
    arguments: args,
    needs: [...needs],
    maxRetries: one.maxRetries ?? 0,
    reveal: one.reveal ?? false,
    references,
  };
}

function sayIssues(
  place: readonly (string | number)[],
  error: z.ZodError | undefined,
  say: (place: readonly (string | number)[], what: string) => void,
): void {
  for (const { path, message } of error?.issues ?? [])
    say([...place, ...path.map((key) => (typeof key === 'number' ? key : String(key)))], message);
}

function freezePlan(plan: Plan): Plan {
  for (const one of plan.steps) {
    Object.freeze(one.needs);
    Object.freeze(one);
  }
  Object.freeze(plan.steps);
  return Object.freeze(plan);
}
