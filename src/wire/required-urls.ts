import type { Call } from '../call.ts';
import { Denial } from '../denial.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import type { RunCall } from '../pipeline.ts';
import { disownParams } from './disown.ts';
import type { Pending } from './pending.ts';

export type RequiredUrlsOptions = {
  readonly clientCapabilities: () => JsonObject;
  /** The way of a question which this call's server has for the client; gives what the client would be shown. */
  readonly runFor: (call: Call) => RunCall;
};

/** Looks at an error that a server answered a call with; gives the one to pass on. Throws `Denial`. */
export type VetError = (call: Call, error: JsonObject, signal: AbortSignal) => Promise<JsonObject>;

/** What is shown with an error is answered by calling again. */
export const SHOWN: Pick<Pending, 'request'> = {
  request: async (_, params) => await Promise.resolve(params),
};

/** The call cannot be served before a person has opened what the data names (MCP 2025-11-25, elicitation). */
const URL_ELICITATION_REQUIRED = -32042;
const MAX_URLS = 16;

/**
 * An error that makes the client open pages is as many questions to it, so each goes the way of one: who may not ask must
 * not get there by failing.
 */
export function createRequiredUrls({ clientCapabilities, runFor }: RequiredUrlsOptions): VetError {
  return async function vetError(call, error, signal) {
    const { code, data } = error;
    if (code !== URL_ELICITATION_REQUIRED) return error;
    const { server } = call.subject;
    const { elicitation } = clientCapabilities();
    if (!isJsonObject(elicitation) || elicitation['url'] === undefined)
      throw new Denial(
        'upstream-failed',
        `Cannot complete the call: ${server} wants a page to be opened, and the client cannot do that`,
      );
    const ask = runFor(call);
    const { id, session } = call;
    const elicitations: JsonObject[] = [];
    for (const params of readQuestions(data)) {
      const message = { id, session, method: 'elicitation/create', params } as const;
      // oxlint-disable-next-line no-await-in-loop -- a person is asked one thing after the other
      elicitations.push((await ask(message, signal)).result);
    }
    return { ...error, data: { elicitations } };
  };
}

function readQuestions(data: JsonValue | undefined): readonly JsonObject[] {
  const asked = isJsonObject(data) ? data['elicitations'] : undefined;
  if (!Array.isArray(asked) || asked.length === 0 || asked.length > MAX_URLS)
    throw malformed(`it does not name 1 to ${MAX_URLS} of them`);
  return asked.map((one: JsonValue) => {
    if (!isJsonObject(one) || one['mode'] !== 'url' || typeof one['url'] !== 'string')
      throw malformed('one of them has no URL');
    return disownParams(one);
  });
}

function malformed(why: string): Denial {
  return new Denial(
    'output-invalid',
    `Cannot use the answer: it wants pages to be opened, and ${why}`,
  );
}
