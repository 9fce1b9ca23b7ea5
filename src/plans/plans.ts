import type { Call, JsonObject, Session, Subject } from '../call.ts';
import { issue, spend } from '../call.ts';
import type { CallLimits } from '../call-limits.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { Denial } from '../denial.ts';
import type { Handles } from '../handles/handles.ts';
import { jsonSize } from '../lib/json-size.ts';
import { isJsonObject } from '../lib/json.ts';
import type { Message, RunCall, Stages } from '../pipeline.ts';
import type { Schemas } from '../plan/arguments.ts';
import type { AgentPort } from '../wire/agent.ts';
import type { List } from '../wire/lists.ts';
import { createAlong } from './along.ts';
import { createAnswer } from './answer.ts';
import type { LookUp } from './check-steps.ts';
import { fingerprintOf } from './fingerprint.ts';
import { end, isOpen, noteWritten } from './kept.ts';
import { createKeep, type KeepOptions } from './keep.ts';
import { OWN_SERVER, SUBMIT } from './names.ts';
import type { PlanLimits } from './plan.ts';
import { createShelves } from './shelves.ts';
import { draftOf, type Draft } from './submit.ts';
import { ownTools } from './tools.ts';

export type PlansOptions = KeepOptions & {
  readonly limits: PlanLimits;
  readonly parallel: number;
  readonly schemas: Pick<Schemas, 'checkTemplate'>;
  readonly handles: Pick<Handles, 'keep'>;
  /** Bytes of results that an answer may show. */
  readonly maxShown: number;
  /** Between a server and its tools' names. */
  readonly separator: string;
};

/** What a client connection brings. */
export type Connected = {
  readonly catalogue: Pick<Catalogue, 'find' | 'current'>;
  readonly counted: CallLimits['counted'];
  /** Waits for upstreams still starting: what they offer is not known yet. */
  readonly startup: () => Promise<void>;
  /** The whole way of one call. */
  readonly run: RunCall;
  readonly port: AgentPort;
  /** A plan is run from here on: where the client wants a task, it is told now. */
  readonly onStarted: (call: Call) => void;
};

/** Plans of all callers of this process, offered as tools of the gateway's own. */
export type Plans = {
  readonly open: (connected: Connected) => {
    /** The stages, with these tools in them and calls matched to submitted plans. */
    readonly within: (stages: Stages) => Stages;
    readonly list: (list: List) => List;
    /** Whether a tool, the gateway's own included, is still what it was. */
    readonly isCurrent: (subject: Subject) => boolean;
  };
};

export function createPlans(options: PlansOptions): Plans {
  const { visible } = options;
  const exposed = ownTools(options.limits, options.separator);
  const shelves = createShelves(options.now, ({ submitted, sealed, id }) =>
    options.record(submitted.session, 'expired', { plan: sealed.digest, id }),
  );
  const keeping = createKeep(options);
  const drafts = new WeakMap<Call, Draft>();

  function lookUpFor(catalogue: Connected['catalogue'], session: Session): LookUp {
    return function lookUp(name) {
      const entry = catalogue.find('tool', name);
      if (!entry) return 'unknown';
      const { subject } = entry;
      const accepted: Subject = subject.pin === 'match' ? subject : { ...subject, pin: 'match' };
      if (visible(session, 'tools/call', [accepted]).length === 0) return 'unknown';
      return entry.quarantine ? 'held-back' : subject;
    };
  }

  function own(message: Message): Subject | undefined {
    const { method, params, session } = message;
    if (method !== 'tools/call') return undefined;
    const { name } = params;
    const subject = typeof name === 'string' ? exposed.get(name) : undefined;
    return subject && visible(session, method, [subject])[0];
  }

  const mine = new Set(exposed.values());

  function open({
    catalogue,
    counted,
    startup,
    run,
    port,
    onStarted,
  }: Connected): ReturnType<Plans['open']> {
    const answer = createAnswer({
      ...options,
      shelves,
      keeping,
      drafts,
      run,
      port,
      onStarted,
      lookUpFor: (session) => lookUpFor(catalogue, session),
    });
    const along = createAlong({
      recheck: (kept, session) => keeping.recheck(kept, session),
      onStep(kept, session) {
        if (kept.steps.some(({ state }) => state !== 'done')) return;
        end(kept, 'done');
        options.record(session, 'ended', {
          plan: kept.sealed.digest,
          id: kept.id,
          state: 'done',
        });
      },
    });

    function draft(message: Message, subject: Subject, traceId: string): Call {
      const { id, method, session, params } = message;
      message.agree?.(subject.definition);
      const args = params['arguments'] ?? {};
      if (!isJsonObject(args))
        throw new Denial('arguments-invalid', 'Cannot use the arguments: not an object');
      if (jsonSize(args, options.limits.maxBytes).depth > MAX_DEPTH)
        throw new Denial(
          'arguments-invalid',
          `Cannot take a plan that nests deeper than ${MAX_DEPTH}`,
        );
      const bare = { traceId, id, method, session, subject, params, args };
      const shelf = shelves.of(session.caller);
      const lookUp = lookUpFor(catalogue, session);
      const drafted = draftOf(bare, shelf, { ...options, lookUp });
      drafts.set(drafted.call, drafted.draft);
      return drafted.call;
    }

    function check(stages: Stages, message: Message, subject: Subject, traceId: string): Call {
      if (subject.server === OWN_SERVER && subject.kind === 'tool' && subject.name === SUBMIT)
        return draft(message, subject, traceId);
      const { step, caller } = message.session;
      const call = stages.check(message, subject, traceId);
      if (step) refuseChanged(step.plan, message, subject);
      const shelf = shelves.find(caller);
      if (!shelf || call.method !== 'tools/call' || subject.server === OWN_SERVER) return call;
      const matched = step ? call : along.match(message, call, shelf);
      noteWritten(shelf.plans.values(), matched);
      return matched;
    }

    /** The tool is asked for once more when its step is due: it may be another one by now. */
    function refuseChanged(digest: string, { session }: Message, subject: Subject): void {
      const shelf = shelves.find(session.caller);
      for (const kept of shelf?.plans.values() ?? []) {
        if (!kept.signed.has(digest)) continue;
        const planned = kept.steps[session.step?.number ?? -1]?.step.subject;
        if (planned && fingerprintOf(planned) === fingerprintOf(subject)) return;
      }
      throw new Denial(
        'plan-violated',
        `Cannot make the step: ${subject.server}/${subject.name} is not the tool any more that the plan was validated with`,
        { hint: 'submit a plan again, for what is left to do' },
      );
    }

    /** Whoever was asked about a step may have thought for longer than its plan lasts. */
    function refuseOver({ session: { caller, step } }: Call): void {
      if (step === undefined) return;
      const plans = [...(shelves.find(caller)?.plans.values() ?? [])];
      if (plans.some((kept) => kept.signed.has(step.plan) && isOpen(kept))) return;
      throw new Denial('plan-violated', 'Cannot make the step: its plan is over', {
        hint: 'submit a plan again, for what is left to do',
      });
    }

    return {
      isCurrent: (subject) => mine.has(subject) || catalogue.current(subject) !== undefined,
      within: (stages) => ({
        ...stages,
        openTrail(message) {
          const trail = stages.openTrail(message);
          return {
            ...trail,
            allow(reply) {
              const allowed = trail.allow(reply);
              along.done(message, allowed);
              return allowed;
            },
            refuse(denial) {
              const refused = trail.refuse(denial);
              along.failed(message, refused);
              return refused;
            },
          };
        },
        async find(message, signal) {
          const subject = own(message);
          if (!subject) return await stages.find(message, signal);
          return await counted(async () => {
            await startup();
            return subject;
          })(message, signal);
        },
        check: (message, subject, traceId) => check(stages, message, subject, traceId),
        async approve(permit, signal) {
          const grant = await stages.approve(permit, signal);
          refuseOver(grant.permit.call);
          return grant;
        },
        async dispatch(grant, signal) {
          const { call } = grant.permit;
          if (call.subject.server !== OWN_SERVER || call.method !== 'tools/call')
            return await stages.dispatch(grant, signal);
          spend('Grant', grant);
          call.session.countCall();
          const result = await answer(grant, signal);
          return issue('RawResult', { grant, failed: false, result });
        },
      }),
      list: (list) =>
        async function listWithOwn(session, kind, params) {
          const listed = await list(session, kind, params);
          const { tools: page } = listed;
          if (kind !== 'tool' || listed['nextCursor'] !== undefined || !Array.isArray(page))
            return listed;
          const seen = new Set(visible(session, 'tools/call', [...mine]));
          const shown = [...exposed].filter(([, subject]) => seen.has(subject));
          const added = shown.map(([name, { definition }]): JsonObject => ({
            ...definition,
            name,
          }));
          return { ...listed, tools: [...page, ...added] };
        },
    };
  }

  return { open };
}

const MAX_DEPTH = 48;
