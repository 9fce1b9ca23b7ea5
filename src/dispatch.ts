import { issue, spend, type Call, type Grant, type RawResult } from './call.ts';
import { Denial } from './denial.ts';
import { isKept, labelsOf } from './handles/carrying.ts';
import { noteUnread } from './handles/unread.ts';
import type { JsonObject } from './lib/json.ts';
import { disown, disownData } from './wire/disown.ts';
import { progressToken } from './wire/progress-token.ts';
import type { VetError } from './wire/required-urls.ts';
import { UpstreamError } from './wire/upstream-error.ts';
import type { Follow } from './wire/tasks/follow.ts';
import { withRelatedTask } from './wire/tasks/related-task.ts';
import type { Upstream } from './wire/upstream.ts';

export type DispatchOptions = {
  readonly upstream: (server: string) => Upstream | undefined;
  /** What is sent, where that is not the method that was decided about. */
  readonly method?: string;
  /** How an upstream is asked. */
  readonly request: Follow['request'];
  /** Whether the definition is still the one that was decided about, if need be by asking the server. */
  readonly stands: (call: Call) => Promise<boolean>;
  /** The same by what is known here. */
  readonly current: (call: Call) => boolean;
  /** `params` in the upstream's own names. */
  readonly translate: (call: Call) => JsonObject;
  /** The same with what the gateway tells servers of its own. */
  readonly withTerms: (grant: Grant, params: JsonObject) => JsonObject;
  /** A result in the names the client knows. */
  readonly expose: (call: Call, result: JsonObject) => JsonObject;
  /** What becomes of an error of the upstream's own; throws `Denial` for one that must not be passed on. */
  readonly vetError: VetError;
  readonly onProgress: (call: Call, params: JsonObject) => void;
  readonly timeouts: (server: string) => {
    readonly timeoutMs: number;
    readonly maxTotalMs: number;
  };
};

/** Sends a granted call to its upstream and waits. Throws `upstream-…`; an error of the upstream's own is a result. */
export function createDispatch(
  options: DispatchOptions,
): (grant: Grant, signal: AbortSignal) => Promise<RawResult> {
  return async function dispatch(proof, signal) {
    const grant = spend('Grant', proof);
    const { call } = grant.permit;
    const { server, name } = call.subject;

    const upstream = options.upstream(server);
    if (!upstream)
      throw new Denial('upstream-failed', `Cannot complete the call: no server ${server}`);
    function refuseUnless(same: boolean): void {
      if (!same)
        throw new Denial(
          'quarantined',
          `Cannot use ${server}/${name}: its definition changed while the call waited`,
        );
    }
    refuseUnless(await options.stands(call));
    // From here the answer may arrive at any time, so calls side by side already count with its labels.
    const labels = labelsOf(call);
    noteUnread(grant.permit, labels);
    if (!isKept(grant.permit)) call.session.addLabels(labels);
    call.session.countCall();
    try {
      const result = await options.request(
        upstream,
        call,
        options.method ?? call.method,
        options.withTerms(grant, options.translate(call)),
        {
          signal,
          ...options.timeouts(server),
          related: call.id,
          // A request that came meanwhile may have brought a token that says more than was decided about.
          caller: call.session.caller,
          isWordless: isWordless(grant),
          beforeRetry: () => refuseUnless(options.current(call)),
          ...(progressToken(call.params) === undefined
            ? {}
            : {
                onProgress: (params) =>
                  options.onProgress(call, withRelatedTask(told(grant, params), undefined)),
              }),
        },
      );
      return issue('RawResult', {
        grant,
        failed: false,
        result: disown(options.expose(call, result)),
      });
    } catch (thrown) {
      if (!(thrown instanceof UpstreamError)) throw thrown;
      if (grant.permit.obligations.asHandle === true)
        return issue('RawResult', { grant, failed: true, result: { ...WORDLESS } });
      // An error is shown in the server's own words, a handle or not.
      call.session.addLabels(labels);
      const { code, message } = thrown;
      const data = disownData(thrown.data);
      const error = { code, message, ...(data === undefined ? {} : { data }) };
      const result = await options.vetError(call, error, signal);
      return issue('RawResult', { grant, failed: true, result });
    }
  };
}

/** Where a policy wants no word of the server before the model, its errors are none. */
const WORDLESS = {
  code: -32_603,
  message: 'The server answered with an error; policy wants what it says kept from the model',
} as const;

/** Progress and the state of a task are no result: what they say in words is said past redaction and handles. */
function isWordless({ permit }: Grant): boolean {
  return permit.obligations.redact.length > 0 || isKept(permit);
}

function told(grant: Grant, params: JsonObject): JsonObject {
  if (!isWordless(grant)) return params;
  const { progressToken: token, progress, total } = params;
  return { progressToken: token, progress, ...(total === undefined ? {} : { total }) };
}
