import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { encodeHeader, META, nameOf } from '../../src/wire/modern/meta.ts';
import { post, type RawAnswer, type RunningAgent } from './http-agent.ts';
import { stringOf } from './string-of.ts';

export const VERSION = '2026-07-28';

export type Sender = {
  readonly token: string;
  /** Absent: everything. */
  readonly capabilities?: JsonObject;
  readonly meta?: JsonObject;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly id?: string | number;
};

const ALL: JsonObject = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

let lastId = 0;

/** One request of the modern era, as its client would send it. */
export function modernRequest(
  method: string,
  params: JsonObject,
  sender: Partial<Sender> = {},
): JsonObject {
  return {
    jsonrpc: '2.0',
    id: sender.id ?? ++lastId,
    method,
    params: {
      ...params,
      _meta: {
        [META.version]: VERSION,
        [META.clientInfo]: { name: 'test', version: '1' },
        [META.capabilities]: sender.capabilities ?? ALL,
        ...sender.meta,
      },
    },
  };
}

/** The headers that belong to such a request. */
export function headersOf({ method, params }: JsonObject): Record<string, string> {
  const name = nameOf(stringOf(method), isJsonObject(params) ? params : {});
  return {
    'mcp-protocol-version': VERSION,
    'mcp-method': stringOf(method),
    ...(name === undefined ? {} : { 'mcp-name': encodeHeader(name) }),
  };
}

/** Sends it over HTTP. */
export async function ask(
  agent: Pick<RunningAgent, 'url'>,
  method: string,
  params: JsonObject,
  sender: Sender,
): Promise<RawAnswer> {
  const request = modernRequest(method, params, sender);
  const headers = { ...headersOf(request), ...sender.headers };
  const answer = await post(agent, sender.token, request, headers);
  // What takes its time comes as a stream, whose last event is the answer.
  const last = /data: (.*)\n\n$/.exec(answer.text)?.[1];
  const body: unknown = last === undefined ? answer.body : JSON.parse(last);
  return { ...answer, body };
}

/** The `result` of an answer. */
export function resultOf({ body, text }: RawAnswer): JsonObject {
  const result = isJsonObject(body) ? body['result'] : undefined;
  if (!isJsonObject(result)) throw new Error(`no result: ${text}`);
  return result;
}

/** The `error` of an answer. */
export function errorOf({ body, text }: RawAnswer): JsonObject {
  const error = isJsonObject(body) ? body['error'] : undefined;
  if (!isJsonObject(error)) throw new Error(`no error: ${text}`);
  return error;
}
