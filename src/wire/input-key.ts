import type { JsonObject } from '../lib/json.ts';

/** No member that JSON could have: no server can bring it, and no client gets it. */
const INPUT_KEY = Symbol('inputKey');

/**
 * The params of a question with the key under which a modern server asked it. It is kept towards a modern client, who may
 * bring the response with the first request.
 */
export function withInputKey(params: JsonObject, key: string): JsonObject {
  return Object.assign({ ...params }, { [INPUT_KEY]: key });
}

export function inputKey(params: JsonObject): string | undefined {
  const key: unknown = Reflect.get(params, INPUT_KEY);
  return typeof key === 'string' ? key : undefined;
}
