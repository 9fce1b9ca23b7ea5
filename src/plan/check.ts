import { CALL_METHODS, type Call, type Subject } from '../call.ts';
import { Denial } from '../denial.ts';
import { freezeJson, isJsonObject, type JsonObject } from '../lib/json.ts';
import type { Message } from '../pipeline.ts';

/** Checks arguments against a tool's own schema; throws `arguments-invalid` or `too-large`. */
export type CheckSchema = (definition: JsonObject, hash: string, args: JsonObject) => void;

/** Makes a `Call` of a message whose subject is known: arguments well-formed, checked, frozen. */
export function createCheck(
  checkSchema: CheckSchema,
): (message: Message, subject: Subject, traceId: string) => Call {
  return function check(message, subject, traceId) {
    if (!CALL_METHODS.includes(message.method))
      throw new TypeError(`Cannot check ${message.method}: not a call`);
    const params = freezeJson(message.params);
    const args = argumentsOf(message);
    if (subject.kind === 'tool') checkSchema(subject.definition, subject.hash, args);
    if (message.method === 'prompts/get') checkPrompt(subject, args);
    const { id, method, session } = message;
    return Object.freeze({ traceId, id, method, session, subject, params, args });
  };
}

function argumentsOf({ method, params }: Message): JsonObject {
  if (method === 'resources/read') return freezeJson({ uri: params['uri'] });
  if (method === 'completion/complete')
    return freezeJson(isJsonObject(params['argument']) ? params['argument'] : {});
  if (method !== 'tools/call' && method !== 'prompts/get') return freezeJson(params);
  const args = params['arguments'];
  if (args === undefined) return Object.freeze({});
  if (!isJsonObject(args))
    throw new Denial('arguments-invalid', 'Cannot use the arguments: not an object');
  return args;
}

/** Prompts have no schema: their arguments are strings, some of them required. */
function checkPrompt(subject: Subject, args: JsonObject): void {
  const declared = subject.definition['arguments'];
  const problems = Object.entries(args)
    .filter(([, value]) => typeof value !== 'string')
    .map(([name]) => `${name} is not a string`);
  for (const argument of Array.isArray(declared) ? declared : [])
    if (
      isJsonObject(argument) &&
      argument['required'] === true &&
      typeof argument['name'] === 'string'
    )
      if (!Object.hasOwn(args, argument['name'])) problems.push(`${argument['name']} is missing`);
  if (problems.length > 0)
    throw new Denial(
      'arguments-invalid',
      `Cannot use the arguments of prompt ${subject.name}: ${problems.join('; ')}`,
    );
}
