import { CALL_METHODS, type Call, type Subject } from '../call.ts';
import { Denial } from '../denial.ts';
import { freezeJson, isJsonObject, type JsonObject } from '../lib/json.ts';
import type { Message } from '../pipeline.ts';
import type { Schemas } from './arguments.ts';

/** Makes a `Call` of a message whose subject is known: arguments well-formed, checked, frozen. */
export function createCheck(
  schemas: Pick<Schemas, 'check' | 'checkPrompt'>,
): (message: Message, subject: Subject, traceId: string) => Call {
  return function check(message, subject, traceId) {
    if (!CALL_METHODS.includes(message.method))
      throw new TypeError(`Cannot check ${message.method}: not a call`);
    const params = freezeJson(message.params);
    const args = argumentsOf(message);
    if (subject.kind === 'tool') message.agree?.(subject.definition);
    if (subject.kind === 'tool') schemas.check(subject.definition, subject.hash, args);
    if (message.method === 'prompts/get') schemas.checkPrompt(subject.definition, args);
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
