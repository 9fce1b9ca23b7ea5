import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Denial } from '../../denial.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { withResolvers } from '../../lib/resolvers.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { withInputKey } from '../input-key.ts';

/** What a server may ask for before it gives a result. */
const ASKABLE: ReadonlySet<unknown> = new Set([
  'sampling/createMessage',
  'elicitation/create',
  'roots/list',
]);

const MAX_ASKS = 16;
/** Characters of what the server wants back with the answers: it is sent again in every round. */
const MAX_STATE = 256 * 1024;
/** Before a round for which nothing was asked, so that a busy server is not asked in a circle. */
const PACE_MS = 250;

export interface Asks {
  /**
   * Asks the owner everything that `result`, an answer to the owner's request `cause`, asks. Resolves with what the retry carries: `inputResponses`, and
   * `requestState` as it came. Throws `upstream-failed` for what is malformed and when an answer is an error.
   */
  readonly gather: (
    result: JsonObject,
    cause: RequestId,
    signal: AbortSignal,
  ) => Promise<JsonObject>;
  /** Takes a response of the owner. */
  answer(id: RequestId, frame: Frame): void;
}

/** The questions inside of results, as the requests that a legacy server would send. */
export function createAsks(send: (frame: Frame, cause: RequestId) => void): Asks {
  const waiting = new Map<RequestId, (frame: Frame) => void>();
  let lastId = 0;

  async function ask(
    { method, params }: Input,
    cause: RequestId,
    signal: AbortSignal,
  ): Promise<JsonObject> {
    const id = `ask-${++lastId}`;
    const answered = withResolvers<Frame | undefined>();
    const stop = (): void => answered.resolve(undefined);
    waiting.set(id, answered.resolve);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      send({ jsonrpc: '2.0', id, method, params }, cause);
      const answer = await answered.promise;
      if (answer && isJsonObject(answer['result'])) return answer['result'];
      if (answer) throw refusal(`the client did not answer ${method}`);
      const cancelled = { requestId: id, reason: 'cancelled' };
      send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: cancelled }, cause);
      throw refusal('it was cancelled');
    } finally {
      waiting.delete(id);
      signal.removeEventListener('abort', stop);
    }
  }

  return {
    async gather(result, cause, signal) {
      const { requestState } = result;
      const inputs = readInputs(result);
      if (requestState !== undefined && typeof requestState !== 'string')
        throw refusal('the state of the request is not a string');
      if (requestState !== undefined && requestState.length > MAX_STATE)
        throw refusal(`the state of the request is longer than ${MAX_STATE} characters`);
      if (inputs.length === 0 && requestState === undefined)
        throw refusal('the server asked for nothing');
      if (inputs.length === 0) await sleep(PACE_MS, undefined, { signal });
      // The first that fails ends the others: there is no call any more that they were for.
      const round = new AbortController();
      const both = AbortSignal.any([round.signal, signal]);
      try {
        const answers = await Promise.all(
          inputs.map(async (input) => [input.key, await ask(input, cause, both)] as const),
        );
        return {
          ...(inputs.length === 0 ? {} : { inputResponses: Object.fromEntries(answers) }),
          ...(requestState === undefined ? {} : { requestState }),
        };
      } finally {
        round.abort();
      }
    },
    answer(id, frame) {
      waiting.get(id)?.(frame);
    },
  };
}

type Input = { readonly key: string; readonly method: string; readonly params: JsonObject };

function readInputs({ inputRequests }: JsonObject): readonly Input[] {
  if (inputRequests === undefined) return [];
  if (!isJsonObject(inputRequests)) throw refusal('what the server asked is not an object');
  const entries = Object.entries(inputRequests);
  if (entries.length > MAX_ASKS)
    throw refusal(`the server asked more than ${MAX_ASKS} things at once`);
  return entries.map(([key, asked]) => {
    const method = isJsonObject(asked) ? asked['method'] : undefined;
    const params = isJsonObject(asked) ? (asked['params'] ?? {}) : undefined;
    if (typeof method !== 'string' || !ASKABLE.has(method) || !isJsonObject(params))
      throw refusal('the server asked what no client answers');
    return { key, method, params: withInputKey(withElicitationId(params), key) };
  });
}

/** A page to open has an identifier in the legacy era and none in this one; a legacy client refuses a question without it. */
function withElicitationId(params: JsonObject): JsonObject {
  return params['mode'] === 'url' && params['elicitationId'] === undefined
    ? { ...params, elicitationId: randomUUID() }
    : params;
}

function refusal(why: string): Denial {
  return new Denial('upstream-failed', `Cannot complete the call: ${why}`);
}
