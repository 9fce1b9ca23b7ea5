import { CALL_METHODS, type Call, type Subject } from '../call.ts';
import { Denial } from '../denial.ts';
import { carrying } from '../handles/carrying.ts';
import type { Handles } from '../handles/handles.ts';
import { freezeJson, isJsonObject, type JsonObject } from '../lib/json.ts';
import type { Message } from '../pipeline.ts';
import type { Schemas } from './arguments.ts';

/** Makes a `Call` of a message whose subject is known: arguments well-formed, checked, frozen. */
export function createCheck(
  schemas: Pick<Schemas, 'check' | 'checkPrompt'>,
  handles: Pick<Handles, 'resolve'>,
): (message: Message, subject: Subject, traceId: string) => Call {
  return function check(message, subject, traceId) {
    if (!CALL_METHODS.includes(message.method))
      throw new TypeError(`Cannot check ${message.method}: not a call`);
    const { id, method } = message;
    const written = argumentsOf(message);
    const resolved =
      method === 'tools/call' ? handles.resolve(message.session.caller, written) : undefined;
    const { args } = resolved ?? { args: written };
    const params = freezeJson(resolved ? { ...message.params, arguments: args } : message.params);
    const session = resolved ? carrying(message.session, resolved.labels) : message.session;
    if (subject.kind === 'tool') message.agree?.(subject.definition);
    if (subject.kind === 'tool')
      unquoted(resolved !== undefined, () => schemas.check(subject.definition, subject.hash, args));
    if (message.method === 'prompts/get') schemas.checkPrompt(subject.definition, args);
    return Object.freeze({ traceId, id, method, session, subject, params, args });
  };
}

/** What does not fit is said in words of the value, which the model must not read. */
function unquoted(isFromHandle: boolean, check: () => void): void {
  try {
    check();
  } catch (thrown) {
    if (isFromHandle && thrown instanceof Denial && thrown.code === 'arguments-invalid')
      throw new Denial(
        'arguments-invalid',
        'Cannot call the tool: the arguments do not fit its schema with the values of the handles in them',
      );
    throw thrown;
  }
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
