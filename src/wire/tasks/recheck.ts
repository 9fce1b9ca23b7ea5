import {
  spend,
  type Call,
  type Permit,
  type Reply,
  type Session,
  type Subject,
} from '../../call.ts';
import { Denial } from '../../denial.ts';
import { carrying, isKept } from '../../handles/carrying.ts';
import { createPipeline, type RunCall, type Stages } from '../../pipeline.ts';
import type { Surfaces } from '../surfaces.ts';
import type { Upstream } from '../upstream.ts';
import { runsTasks, taskSupport } from './related-task.ts';

/** The pipelines of a call that its client wants as a task, which the tool has to offer, and of any other. */
export function createTaskRuns(
  stages: () => Stages,
  upstreams: ReadonlyMap<string, Pick<Upstream, 'capabilities'>>,
): { readonly run: RunCall; readonly runAny: RunCall } {
  return {
    async run(message, signal) {
      const usual = stages();
      const run = createPipeline({
        ...usual,
        check(asked, subject, traceId) {
          const { capabilities = {} } = upstreams.get(subject.server) ?? {};
          const offers =
            taskSupport(subject.definition) !== 'forbidden' ||
            runsTasks(capabilities) === 'as-it-likes';
          if (subject.kind === 'tool' && !offers)
            throw new Denial(
              'arguments-invalid',
              `Cannot run ${subject.server}/${subject.name} as a task: it does not offer that`,
              { hint: 'call it without a task' },
            );
          return usual.check(asked, subject, traceId);
        },
      });
      return await run(message, signal);
    },
    runAny: async (message, signal) => await createPipeline(stages())(message, signal),
  };
}

export type RecheckOptions = {
  readonly refuseKilled: (call: Call) => void;
  readonly decide: (call: Call, approvals: readonly string[]) => Permit;
  /** Whether its definition is still the one that was decided about. */
  readonly isCurrent: (subject: Subject) => boolean;
  readonly surfaces: Pick<Surfaces, 'recheck'>;
  readonly upstreams: ReadonlyMap<string, Pick<Upstream, 'state'>>;
};

/** The session as it is when a task begins: what is read later, the task's own result above all, does not count in it. */
export function asOfNow({
  id,
  caller,
  labels,
  foreignLabels,
  escalation,
  calls,
}: Session): Session {
  return {
    id,
    caller,
    labels: new Set(labels),
    foreignLabels: new Set(foreignLabels ?? []),
    escalation,
    calls,
    addLabels: nothing,
    escalate: nothing,
    countCall: nothing,
  };
}

function nothing(): void {
  // What has been cannot be added to.
}

/** Asks once more before the result of a task is handed out: the caller may have lost a right, the tool its pin. */
export function createRecheck({
  refuseKilled,
  decide,
  isCurrent,
  surfaces,
  upstreams,
}: RecheckOptions): (reply: Reply, session: Session) => Promise<void> {
  return async function recheck({ scanned }, now) {
    const { permit, approvedBy } = scanned.output.raw.grant;
    const { call } = permit;
    const { server, name } = call.subject;
    const { carried } = call.session;
    const session = carried ? carrying(now, carried) : now;
    refuseKilled({ ...call, session });
    // A server that is down has changed nothing that could be seen; one that is there could hide a change.
    if (!(await surfaces.recheck(server, 'tool')) && upstreams.get(server)?.state === 'ready')
      throw new Denial(
        'upstream-failed',
        `Cannot hand out the result of ${server}/${name}: ${server} does not list its tools`,
        { hint: 'fetch it again in a moment' },
      );
    // A server that took its time with the list must not win it.
    refuseKilled({ ...call, session });
    if (!isCurrent(call.subject))
      throw new Denial(
        'quarantined',
        `Cannot hand out the result of ${server}/${name}: its definition has changed meanwhile`,
      );
    const again = spend('Permit', decide({ ...call, session }, approvedBy));
    if (again.obligations.approvals.some((role) => !approvedBy.includes(role)))
      throw new Denial(
        'approval-required',
        `Cannot hand out the result of ${server}/${name}: more approvals are needed than were given`,
        { policies: again.policies },
      );
    // It was made under other policies, and is what it is.
    if (again.obligations.asHandle === true && !isKept(permit))
      throw new Denial(
        'policy-denied',
        `Cannot hand out the result of ${server}/${name}: policy wants it returned as a handle by now`,
        { policies: again.policies },
      );
  };
}
