import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { RequestId } from '../frames.ts';
import { ModernRefusal } from './refusal.ts';

/** Something a server, or the gateway itself, wants of the client before it goes on. */
export type Question = {
  /** Id of the router's request. */
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
};

type Kind = {
  /** The capabilities that this question needs. */
  readonly needs: (params: JsonObject) => JsonObject;
  readonly fits: (response: JsonObject) => boolean;
};

/** What may be asked in an `input_required` (MCP 2026-07-28, MRTR); nothing else may. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  [
    'elicitation/create',
    {
      needs: (params) => ({ elicitation: { [params['mode'] === 'url' ? 'url' : 'form']: {} } }),
      fits: ({ action, content }) =>
        (action === 'accept' || action === 'decline' || action === 'cancel') &&
        (content === undefined || isJsonObject(content)),
    },
  ],
  [
    'sampling/createMessage',
    {
      needs: ({ tools, toolChoice }) => ({
        sampling: tools === undefined && toolChoice === undefined ? {} : { tools: {} },
      }),
      fits: ({ role, content, model }) =>
        typeof role === 'string' && typeof model === 'string' && typeof content === 'object',
    },
  ],
  ['roots/list', { needs: () => ({ roots: {} }), fits: ({ roots }) => Array.isArray(roots) }],
]);

/** Whether a client with these capabilities may be asked this (MRTR, server requirements). */
export function mayAsk(declared: JsonObject, { method, params }: Question): boolean {
  const kind = KINDS.get(method);
  if (kind === undefined) return false;
  return Object.entries(kind.needs(params)).every(([name, members]) => {
    const own = declared[name];
    if (!isJsonObject(own)) return false;
    return Object.keys(isJsonObject(members) ? members : {}).every(
      // An empty `elicitation` means forms, as it did before there were modes.
      (member) => own[member] !== undefined || (member === 'form' && Object.keys(own).length === 0),
    );
  });
}

/** The question as the client gets it. */
export function inputRequest({ method, params }: Question): JsonObject {
  // The client has nobody to tell of its progress, and an elicitation has no id of its own any more.
  const { _meta: meta, task: _task, elicitationId: _id, ...rest } = params;
  const { progressToken: _token, ...kept } = isJsonObject(meta) ? meta : {};
  return {
    method,
    params: { ...rest, ...(Object.keys(kept).length > 0 ? { _meta: kept } : {}) },
  };
}

/** Whether the response is one to this question. */
export function fits({ method }: Question, response: JsonObject): boolean {
  return KINDS.get(method)?.fits(response) === true;
}

/** The responses a request brings, by their keys. Throws `ModernRefusal` where they are not objects. */
export function readResponses({ inputResponses }: JsonObject): Map<string, JsonObject> {
  const responses = new Map<string, JsonObject>();
  if (inputResponses === undefined) return responses;
  if (!isJsonObject(inputResponses)) throw malformed();
  for (const [key, response] of Object.entries(inputResponses)) {
    if (!isJsonObject(response)) throw malformed();
    responses.set(key, response);
  }
  return responses;
}

function malformed(): ModernRefusal {
  return new ModernRefusal('params-malformed', 'Cannot read inputResponses: not responses');
}
