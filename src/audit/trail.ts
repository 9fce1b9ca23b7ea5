import type { Score } from '../anomaly/profile.ts';
import type { Call, Grant, Reply, Scanned, Subject } from '../call.ts';
import { Denial, type DenialCode } from '../denial.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import type { Message, Steps, Trail } from '../pipeline.ts';
import type { Trusts } from '../policy/facts/trust.ts';
import type { Audit } from './audit.ts';
import { describeArguments, describeCause, describeCaller, describeStep } from './describe.ts';
import { describePermit, describeScanned, describeSubject, describeValue } from './describe.ts';
import { requestedName } from './describe.ts';
import type { AuditEvent } from './events.ts';
import { traceIdOf } from './trace-id.ts';

export type TrailOptions = {
  readonly audit: Audit;
  /** Monotonic, milliseconds. */
  readonly clock: () => number;
  /** 32 hex digits, for a request that names no trace. */
  readonly newTraceId: () => string;
  /** Which sandbox a result came from, if any. */
  readonly servedBy?: (server: string, result: JsonObject) => JsonObject | undefined;
  /** Whether it sends to trusted hosts alone; absent: there are none. */
  readonly trusts?: Trusts | undefined;
  /** How unlike earlier calls it was found to be. */
  readonly anomalyOf?: (call: Call) => Score | undefined;
  /** Told of each call whose last record is written. Does not throw. */
  readonly ended?: ((call: EndedCall) => void) | undefined;
};

/** How a call ended, in words and numbers that no caller chooses. */
export type EndedCall = {
  /** Absent where none was found. */
  readonly server: string | undefined;
  /** Absent: it was answered. */
  readonly code: DenialCode | undefined;
  /** What was received is an error. */
  readonly failed: boolean;
  readonly verdict: Scanned['verdict'] | undefined;
  /** Milliseconds in each stage that was passed. */
  readonly stages: Readonly<Partial<Record<keyof Steps, number>>>;
  /** Milliseconds since the last of them. */
  readonly sinceMs: number;
};

export type OpenTrail = (message: Message) => Trail;

/**
 * Makes the trail of each call: what the stages found is collected, and written as `intent` before dispatch and as
 * `outcome` or `denial` before the answer. Causes are written here and nowhere else; the agent sees codes and hints.
 */
export function createOpenTrail(options: TrailOptions): OpenTrail {
  const { audit, clock, newTraceId, trusts, anomalyOf, servedBy, ended: told } = options;
  return function openTrail({ session, method, params }) {
    const traceId = traceIdOf(params) ?? newTraceId();
    const began = clock();
    const labelsBefore = new Set(session.labels);
    const bandBefore = session.escalation;
    const stages: Partial<Record<keyof Steps, number>> = {};
    /** What is known so far, in the shape of the record. */
    const known: Known = { ...NOTHING, requested: requestedName(params) };
    let checked: Call | undefined;
    let subject: Subject | undefined;
    let verdict: Scanned['verdict'] | undefined;
    let failed = false;
    let mark = began;
    let intent: number | undefined;
    let ended = false;

    const learn: { readonly [K in keyof Steps]: (value: Steps[K]) => JsonObject } = {
      find(found) {
        subject = found;
        return describeSubject(found);
      },
      check(call) {
        checked = call;
        const described = describeArguments(audit, call.args, call.subject);
        return {
          arguments: trusts?.(call) === true ? { ...described, toTrustedHosts: true } : described,
        };
      },
      decide: describePermit,
      approve: ({ permit, approvedBy, approval }) => ({
        ...describePermit(permit),
        approvedBy,
        approval,
      }),
      dispatch(raw) {
        failed = raw.failed || raw.result['isError'] === true;
        const { result, grant } = raw;
        const sandbox = servedBy?.(grant.permit.call.subject.server, result);
        return { received: describeValue(audit, result), failed, sandbox };
      },
      validate: () => ({}),
      scan(scanned) {
        ({ verdict } = scanned);
        return describeScanned(scanned);
      },
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
          plan: describeStep(checked?.session.step ?? session.step),
          labels: [...session.labels].toSorted(),
          escalation: session.escalation,
          escalationBefore: bandBefore === session.escalation ? undefined : bandBefore,
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
      tell();
      return reply;
    }

    function refuse(denial: Denial): Denial {
      if (ended) return denial;
      ended = true;
      const sinceMs = since(mark);
      try {
        const { code, message, policies } = denial;
        const decided = policies.length > 0 ? { policies } : {};
        const cause = describeCause(denial.cause);
        write('denial', { intent, code, message, cause, ...decided });
        denial.traceId = traceId;
        tell(code, sinceMs);
        return denial;
      } catch (cause) {
        tell('internal', sinceMs);
        return unwritten(cause);
      }
    }

    function tell(code?: DenialCode, sinceMs = 0): void {
      told?.({ server: subject?.server, code, failed, verdict, stages, sinceMs });
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
  asHandle: undefined,
  code: undefined,
  policies: undefined,
  obligations: undefined,
  approvedBy: undefined,
  approval: undefined,
  intent: undefined,
  plan: undefined,
  failed: undefined,
  sandbox: undefined,
  verdict: undefined,
  score: undefined,
  received: undefined,
  answered: undefined,
  labels: undefined,
  labelsAdded: undefined,
  escalation: undefined,
  escalationBefore: undefined,
  anomaly: undefined,
  stages: undefined,
  ms: undefined,
  message: undefined,
  cause: undefined,
  findings: undefined,
  segments: undefined,
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
