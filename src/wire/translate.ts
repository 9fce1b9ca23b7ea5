import type { Call } from '../call.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';

/** `params` in the upstream's own names; everything else is what the client sent. */
export function translate({ method, params, subject }: Call): JsonObject {
  if (method === 'prompts/get') return { ...params, name: subject.name };
  if (method === 'tools/call') {
    // MCP 2025-11-25, tasks: who does not declare them ignores `task`. The result of one would pass by every stage.
    const { task: _task, ...rest } = params;
    return { ...rest, name: subject.name };
  }
  if (method === 'resources/read') return { ...params, uri: subject.name };
  if (method === 'completion/complete' && isJsonObject(params['ref'])) {
    const member = subject.kind === 'prompt' ? 'name' : 'uri';
    return { ...params, ref: { ...params['ref'], [member]: subject.name } };
  }
  return params;
}
