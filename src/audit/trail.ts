import type { Score } from '../anomaly/profile.ts';
import type { Call, Grant, Reply } from '../call.ts';
import { Denial } from '../denial.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import type { Message, Steps, Trail } from '../pipeline.ts';
import type { Audit } from './audit.ts';
import { describeArguments, describeCause, describeCaller, describeSubject } from './describe.ts';
import { describePermit, describeScanned, describeValue, requestedName } from './describe.ts';
import type { AuditEvent } from './events.ts';
import { traceIdOf } from './trace-id.ts';

export type TrailOptions = {
  readonly audit: Audit;
  /** Monotonic, milliseconds. */
  readonly clock: () => number;
  /** 32 hex digits, for a request that names no trace. */
  readonly newTraceId: () => string;
  /** How unlike earlier calls it was found to be. */
  readonly anomalyOf?: (call: Call) => Score | undefined;
};

export type OpenTrail = (message: Message) => Trail;

/**
 * Makes the trail of each call: what the stages found is collected, and written as `intent` before dispatch and as
 * `outcome` or `denial` before the answer. Causes are written here and nowhere else; the agent sees codes and hints.
 */
export function createOpenTrail(options: TrailOptions): OpenTrail {
  const { audit, clock, newTraceId, anomalyOf } = options;
  return function openTrail({ session, method, params }) {
    const traceId = traceIdOf(params) ?? newTraceId();
    const began = clock();
    const labelsBefore = new Set(session.labels);
    const stages: Record<string, number> = {};
    /** What is known so far, in the shape of the record. */
    const known: Known = { ...NOTHING, requested: requestedName(params) };
    let checked: Call | undefined;
    let mark = began;
    let intent: number | undefined;
    let ended = false;

    const learn: { readonly [K in keyof Steps]: (value: Steps[K]) => JsonObject } = {
      find: describeSubject,
      check(call) {
        checked = call;
        return { arguments: describeArguments(audit, call.args, call.subject) };
      },
      decide: describePermit,
      approve: ({ permit, approvedBy, approval }) => ({
        ...describePermit(permit),
        approvedBy,
        approval,
      }),
      dispatch: ({ result, failed }) => ({
        received: describeValue(audit, result),
        failed: failed || result['isError'] === true,
      }),
      validate: () => ({}),
      scan: describeScanned,
    };

    function note<K extends keyof Steps>(step: K, value: Steps[K]): Steps[K] {
      stages[step] = since(mark);
      Object.assign(known, learn[step](value));
      mark = clock();
      return value;
    }

    function write(event: AuditEvent, more: JsonObject): number {
      return audit.append(
        event,
        Object.assign(known, more, {
          traceId,
          caller: describeCaller(session.caller),
          session: session.id,
          method,
          labels: [...session.labels].toSorted(),
          escalation: session.escalation,
          anomaly: intent === undefined ? anomalyNow() : undefined,
          stages,
          ms: since(began),
        }),
      );
    }

    function anomalyNow(): JsonObject | undefined {
      const said = checked && anomalyOf?.(checked);
      return said && { score: said.score, reasons: said.reasons.map((reason) => ({ ...reason })) };
    }

    function intend(grant: Grant): Grant {
      if (intent !== undefined || ended) throw new TypeError('Cannot intend a call twice');
      intent = orDeny(() => write('intent', {}));
      // What the intent says is not said again; the outcome names it by its `intent`.
      const { kind, server, name, definition } = known;
      Object.assign(known, NOTHING, { kind, server, name, definition });
      // The disk's time is not the next stage's.
      mark = clock();
      return grant;
    }

    function allow(reply: Reply): Reply {
      if (intent === undefined || ended) throw new TypeError('Cannot end a call that is not open');
      orDeny(() =>
        write('outcome', {
          intent,
          answered:
            reply.result === reply.scanned.output.raw.result && known['received'] !== undefined
              ? known['received']
              : describeValue(audit, reply.result),
          labelsAdded: [...session.labels].filter((label) => !labelsBefore.has(label)).toSorted(),
        }),
      );
      ended = true;
      return reply;
    }

    function refuse(denial: Denial): Denial {
      if (ended) return denial;
      ended = true;
      try {
        const { code, message, policies } = denial;
        const decided = policies.length > 0 ? { policies } : {};
        const cause = describeCause(denial.cause);
        write('denial', { intent, code, message, cause, ...decided });
        denial.traceId = traceId;
        return denial;
      } catch (cause) {
        return unwritten(cause);
      }
    }

    function since(start: number): number {
      return Math.round((clock() - start) * 1_000) / 1_000;
    }

    return { traceId, note, intend, allow, refuse };
  };
}

type Known = Record<string, JsonValue | undefined>;

/**
 * Every member a record of a call may have, in one shape from the first to the last record: objects that grow member by
 * member cost more than writing them. What others choose the size of comes last, so that it crowds nothing out.
 */
const NOTHING = {
  traceId: undefined,
  caller: undefined,
  session: undefined,
  method: undefined,
  kind: undefined,
  server: undefined,
  name: undefined,
  definition: undefined,
  classes: undefined,
  dataClass: undefined,
  source: undefined,
  sink: undefined,
  pin: undefined,
  reviewed: undefined,
  code: undefined,
  policies: undefined,
  obligations: undefined,
  approvedBy: undefined,
  approval: undefined,
  intent: undefined,
  failed: undefined,
  verdict: undefined,
  score: undefined,
  received: undefined,
  answered: undefined,
  labels: undefined,
  labelsAdded: undefined,
  escalation: undefined,
  anomaly: undefined,
  stages: undefined,
  ms: undefined,
  message: undefined,
  cause: undefined,
  findings: undefined,
  requested: undefined,
  arguments: undefined,
} as const satisfies Known;

function orDeny(write: () => number): number {
  try {
    return write();
  } catch (cause) {
    throw unwritten(cause);
  }
}

function unwritten(cause: unknown): Denial {
  return new Denial('internal', 'Cannot complete the call: it cannot be written to the audit', {
    cause,
  });
}
