import { createApprove } from './approval.ts';
import type { Call, JsonObject } from './call.ts';
import { KINDS } from './catalogue/definition.ts';
import { createFind, type FindOptions } from './catalogue/find.ts';
import { createMayRead } from './catalogue/may-read.ts';
import { createStands } from './catalogue/stands.ts';
import { createDispatch, type DispatchOptions } from './dispatch.ts';
import type { Gate } from './gate.ts';
import { isJsonObject } from './lib/json.ts';
import { withResolvers } from './lib/resolvers.ts';
import { plansFor } from './open-plans.ts';
import { createPipeline, type RunCall, type Stages } from './pipeline.ts';
import { createCheck } from './plan/check.ts';
import { createWithTerms } from './sandbox/terms.ts';
import type { AgentPort, OpenAgentSession } from './wire/agent.ts';
import { createAgentSession } from './wire/agent-session.ts';
import { createAskClient } from './wire/ask-client.ts';
import { createChanges } from './wire/changes.ts';
import { createElicit } from './wire/elicit.ts';
import { createAnswerOf } from './wire/answer-of.ts';
import { createListProblems } from './wire/list-problems.ts';
import type { RequestId } from './wire/frames.ts';
import { createInWork } from './wire/in-work.ts';
import { createLevels } from './wire/levels.ts';
import { createList } from './wire/lists.ts';
import { createPending, type Pending } from './wire/pending.ts';
import { progressToken } from './wire/progress-token.ts';
import { createTellProgress } from './wire/tell-progress.ts';
import { createRelay } from './wire/relay.ts';
import { relayed } from './wire/relayed.ts';
import { rationed, type Refused } from './wire/refused.ts';
import { createRequiredUrls, SHOWN } from './wire/required-urls.ts';
import { createServerRequests } from './wire/server-requests.ts';
import { createStartup, inTime } from './wire/startup.ts';
import { createSubscriptions } from './wire/subscriptions.ts';
import { createSurfaces } from './wire/surfaces.ts';
import { translate } from './wire/translate.ts';
import { createRecheck, createTaskRuns } from './wire/tasks/recheck.ts';
import { createTasks } from './wire/tasks/tasks.ts';
import { createUpstream, type Upstream } from './wire/upstream.ts';
import { withOrigin } from './wire/with-origin.ts';

/**
 * Opens one client connection: its own upstream connections, its own catalogue, its own pipeline. Nothing a server sends
 * can reach another client, because no upstream connection serves two.
 */
export function createOpenAgent(gate: Gate): OpenAgentSession {
  return function openAgent({ caller, port: outer, transport, isInner }) {
    let session = gate.openSession(caller);
    const { timings, visible, howToAccept, refuseQuarantined: admit } = gate;
    /** What belongs to a task goes where its client waits for it. */
    const port: AgentPort = { send: (frame, related) => tasks.send(frame, related) };
    let initialized = false;
    const announce = createChanges(port, () => initialized);
    const catalogue = gate.createCatalogue((kind) => announce([kind]));
    const clientInitialize = withResolvers<JsonObject>();
    let clientCapabilities: JsonObject = {};
    const levels = createLevels(() => upstreams, timings.listMs);
    const { working, related } = createInWork((id) => tasks.isFollowed(id));
    const refused: Refused = (reason, { method, code } = {}) =>
      gate.note('frame-refused', session, { reason, method: method?.slice(0, 128), code });
    const refusedOfServers = rationed(refused);
    gate.record('session-open', session, { transport });
    const meter = gate.watch?.(transport);
    const leaveRules = gate.onRulesChange(caller, () => announce(KINDS));

    const pending = createPending('the client', async (frame, to) => port.send(frame, to));

    const upstreams = gate.servers.map((spec): Upstream => {
      const upstream = createUpstream({
        name: spec.name,
        open: spec.open(() => session.caller),
        initialize: clientInitialize.promise,
        timings,
        maxNotificationsPerSecond: gate.maxNotificationsPerSecond,
        idleMs: spec.idleMs,
        events: {
          async onReady() {
            gate.note('upstream-up', session, { server: spec.name });
            meter?.up(spec.name);
            await Promise.all(KINDS.map(async (kind) => await surfaces.refresh(spec.name, kind)));
            levels.renew(upstream);
            subscriptions.renew(upstream);
            announce(KINDS);
          },
          onDown(reason, was) {
            gate.note('upstream-down', session, { server: spec.name, reason });
            if (was !== 'idle') meter?.down(spec.name);
            serverRequests.drop(upstream);
            if (was === 'ready') announce(KINDS);
          },
          isAwaited: () => subscriptions.has(spec.name) || tasks.runsAt(spec.name),
          onRequest: (request, cause) => void serverRequests.answer(upstream, request, cause),
          onNotification: (notification, cause) => relay(upstream, notification, cause),
          onRefused: (reason) => void refused(`${spec.name}: ${reason}`),
        },
      });
      return upstream;
    });
    const byName = new Map(upstreams.map((upstream) => [upstream.name, upstream]));
    const timeoutOf = new Map(gate.servers.map(({ name, timeoutMs }) => [name, timeoutMs]));
    const timeouts = (server: string): { timeoutMs: number; maxTotalMs: number } => ({
      timeoutMs: timeoutOf.get(server) ?? timings.listMs,
      maxTotalMs: timings.maxTotalMs,
    });

    const listProblems = createListProblems(
      (fields) => gate.note('catalogue-change', session, fields),
      () => performance.now(),
    );
    const surfaces = createSurfaces({
      upstreams,
      ...timings,
      now: () => performance.now(),
      readAhead: gate.readAhead,
      onList(server, kind, definitions) {
        catalogue.update(server, kind, definitions);
        gate.heldBack(server, kind, catalogue.entries(kind));
      },
      onProblem: listProblems.tell,
    });
    const startup = createStartup({ upstreams, ...timings, now: () => performance.now() });
    const recheck: FindOptions['recheck'] = async (server, kind) =>
      await inTime(surfaces.recheck(server, kind), timeouts(server).timeoutMs);
    const { isFresh } = surfaces;
    const find = createFind({ catalogue, admit, visible, startup, isFresh, recheck, howToAccept });
    const stands = createStands({ catalogue, isFresh, recheck });
    const wayOf: RunCall = async (...call) => await run(...call);
    const onStarted = (call: Call): void => tasks.started(call);
    const plans = plansFor(gate, { catalogue, startup, run: wayOf, port, onStarted });
    const listServers = createList({
      upstreams,
      surfaces,
      catalogue,
      visible,
      startup,
      patienceMs: timings.settleMs,
      readsTaskSupport: () => isInner?.() !== true,
      onLate: (kind) => announce([kind]),
    });

    const list = plans.list(listServers);

    function approveFor(relatedTo: (call: Call) => RequestId | undefined): Stages['approve'] {
      const ask = createElicit({
        pending,
        clientCapabilities: () => clientCapabilities,
        relatedTo,
        patienceMs: timings.patienceMs,
      });
      return createApprove({ ask, decide: gate.decide, desk: gate.desk });
    }
    const answerOf = createAnswerOf(gate);
    const tasks = createTasks({
      port: outer,
      answerOf,
      ...createTaskRuns(() => towardsServers, byName),
      recheck: createRecheck({ ...gate, isCurrent: plans.isCurrent, surfaces, upstreams: byName }),
      takeSlot: gate.takeTaskSlot,
      now: () => new Date(),
      isAsked: (id) => pending.has(id),
      isQuiet: (said, { session: whose, subject }) =>
        gate.harmless(said, whose, subject.server) && gate.isQuiet(said),
      record: (of, step, fields) => gate.record('task', of, { step, ...fields }),
    });
    const towards: DispatchOptions = {
      request: tasks.request,
      upstream: (server) => byName.get(server),
      timeouts,
      stands: async ({ subject }) => await stands(subject),
      current: ({ subject }) => catalogue.current(subject) !== undefined,
      translate,
      withTerms: createWithTerms(gate),
      expose: (call, result) => gate.names.rewriteUris(result, call.subject.server),
      vetError: createRequiredUrls({
        clientCapabilities: () => clientCapabilities,
        runFor: ({ id, subject }) => questionsOf(subject.server, () => id, SHOWN),
      }),
      onProgress: createTellProgress({ ...gate, port, onRefused: refusedOfServers }),
    };

    const towardsServers = plans.within({
      openTrail: gate.openTrail,
      find: gate.limits.counted(find),
      check: createCheck(gate.schemas, gate.handles),
      unlessKilled: gate.unlessKilled,
      decide: gate.decide,
      approve: approveFor(({ id }) => id),
      dispatch: gate.limits.placed(working(createDispatch(towards))),
      validate: gate.validate,
      scan: gate.scan,
      label: gate.label,
    });
    const run = createPipeline(towardsServers);
    /** The way of what a server asks the client; `relatedTo` is the client's request that it belongs to. */
    function questionsOf(
      server: string,
      relatedTo: (call: Call) => RequestId | undefined,
      asked: Pick<Pending, 'request'>,
    ): RunCall {
      const ask = createPipeline({
        ...towardsServers,
        // Its own id is the server's: only a call of the client's has the client's.
        approve: approveFor(relatedTo),
        ...createAskClient({
          ...gate,
          server,
          pending: asked,
          patienceMs: timings.patienceMs,
          related: relatedTo,
          onProgress({ params: question }, params) {
            const told = { ...params, progressToken: progressToken(question) };
            byName.get(server)?.notify('notifications/progress', told);
          },
          isOfTask: async (params) => await tasks.isOfTask(server, params),
          present: (method, params) => withOrigin(server, method, params),
        }),
      });
      return async (message, signal) => {
        await gate.ready;
        return await ask(message, signal);
      };
    }

    const subscriptions = createSubscriptions({
      stages: towardsServers,
      dispatchAs: (method) => gate.limits.placed(working(createDispatch({ ...towards, method }))),
      timeoutMs: timings.listMs,
    });
    const serverRequests = createServerRequests({
      session: () => session,
      clientCapabilities: () => clientCapabilities,
      onRefused: refusedOfServers,
      runFor: (upstream, cause) =>
        questionsOf(
          upstream.name,
          ({ params }) => tasks.relatedTo(upstream.name, params, related(upstream, cause)),
          pending,
        ),
    });
    const mayRead = createMayRead({ catalogue, visible, exposeUri: gate.names.exposeUri });
    const relay = createRelay({
      onTaskState: tasks.onState,
      port,
      related: (upstream, cause, params) =>
        tasks.relatedTo(upstream.name, params, related(upstream, cause)),
      harmless: (params, server) => gate.harmless(params, session, server),
      isSubscribed: subscriptions.has,
      mayRead: (server, uri) => mayRead(session, server, uri),
      exposeUri: gate.names.exposeUri,
      cancelAsk: serverRequests.cancel,
      onRefused: refusedOfServers,
      outdate(server, kinds) {
        for (const kind of kinds) surfaces.outdate(server, kind);
      },
      async relist(server, kinds) {
        await Promise.all(kinds.map(async (kind) => await surfaces.refresh(server, kind)));
        announce(kinds);
      },
    });

    return createAgentSession({
      session,
      tasks,
      renew(proved) {
        session = gate.openSession(proved);
        return session;
      },
      sessionOf: gate.openSession,
      port: outer,
      pending,
      ready: gate.ready,
      run,
      answerOf,
      async list(of, kind, params) {
        const listed = await list(of, kind, params);
        gate.record('list', of, {
          kind,
          count: Object.values(listed).find(Array.isArray)?.length ?? 0,
        });
        return listed;
      },
      // Where nobody reads it, the audit must not say that somebody had.
      introduce: async () => (isInner?.() === true ? gate.about : await gate.introduce(session)),
      subscribe: subscriptions.handle,
      setLevel: levels.set,
      onInitialize(params) {
        const { capabilities } = params;
        clientCapabilities = relayed(isJsonObject(capabilities) ? capabilities : {});
        clientInitialize.resolve({
          protocolVersion: params['protocolVersion'],
          capabilities: clientCapabilities,
          clientInfo: gate.about.serverInfo,
        });
      },
      onInitialized() {
        initialized = true;
      },
      relay(method, params) {
        for (const upstream of upstreams)
          if (upstream.state === 'ready') upstream.notify(method, params);
      },
      onRefused: refused,
      async onClose() {
        // Nobody would stop a tool at a server that outlives its connection.
        await tasks.close();
        catalogue[Symbol.dispose]();
        leaveRules();
        await Promise.allSettled(upstreams.map(async (upstream) => await upstream.close()));
        listProblems.end();
        meter?.closed();
        gate.note('session-close', session, {});
      },
    });
  };
}
