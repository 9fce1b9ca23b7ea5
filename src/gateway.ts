import { openAudit, type Audit } from './audit/audit.ts';
import { openAuditKey, type AuditKey } from './audit/key.ts';
import type { Log } from './audit/log.ts';
import { createRedact } from './audit/redact.ts';
import { createOpenTrail } from './audit/trail.ts';
import { createWithhold } from './audit/withhold.ts';
import type { Caller } from './call.ts';
import { createCallLimits } from './call-limits.ts';
import { readAccepted } from './catalogue/accepted.ts';
import { createCatalogue } from './catalogue/catalogue.ts';
import { definitionHash } from './catalogue/definition.ts';
import { openLock } from './catalogue/lock.ts';
import { createNames } from './catalogue/names.ts';
import { withOwnServers } from './catalogue/own-servers.ts';
import { withHandles } from './catalogue/with-handles.ts';
import { withSharedCredentials } from './catalogue/shared-credentials.ts';
import type { Config } from './config/config.ts';
import { createOpenAgent } from './connection.ts';
import type { Gate } from './gate.ts';
import { createHandles } from './handles/handles.ts';
import { createHeldBack, createHowToAccept } from './held-back.ts';
import type { SubjectTokens } from './identity/subject-tokens.ts';
import { factsOptions } from './known-tools.ts';
import { createReach } from './labels/reach.ts';
import { Closers } from './lib/closers.ts';
import { newTraceId, nonce } from './lib/random-ids.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createLabel } from './output/label.ts';
import { createScanOutput } from './output/scan-output.ts';
import { createValidate } from './output/validate.ts';
import { createSchemas } from './plan/arguments.ts';
import { openDesk } from './open-desk.ts';
import { openPlans } from './open-plans.ts';
import { openPolicy } from './open-policy.ts';
import { createHeed, createIsTrusted, openSessions } from './open-suspicion.ts';
import { openSwitches, type OpenedSwitches } from './open-switches.ts';
import { createRecord } from './record.ts';
import { createRedactResult } from './redact/redact.ts';
import { createServedBy } from './sandbox/served.ts';
import { createScanDefinitions } from './scan/definition.ts';
import { createPassed, detectorDigest } from './scan/passed.ts';
import { createScanAside } from './scan/scan-aside.ts';
import { createScanJson } from './scan/scan-json.ts';
import { createScan } from './scan/scan.ts';
import { openServers } from './servers.ts';
import { stateLayout } from './state/layout.ts';
import { makePrivateFolder } from './state/private-file.ts';
import { createWithheld, WITHHELD_LIMIT } from './state/withheld.ts';
import { TIMINGS } from './timings.ts';
import { createTraces } from './traces.ts';
import { createUsage } from './usage.ts';
import { createAbout, type About } from './wire/about.ts';
import type { OpenAgentSession } from './wire/agent.ts';
import { createTaskSlots } from './wire/tasks/task-slots.ts';
import { createIntroduce } from './wire/introduce.ts';

export type GatewayOptions = {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly version: string;
  /** One wrapped server keeps its own names. */
  readonly single: boolean;
  /** What callers signed in with. */
  readonly subjects: Omit<SubjectTokens, 'keep'>;
  /** Absent: nothing is counted. */
  readonly metrics?: Metrics | undefined;
};

export interface Gateway extends AsyncDisposable {
  readonly audit: Audit;
  readonly open: OpenAgentSession;
  /** What it says of itself. */
  readonly about: About;
  /** The same with what its servers say of themselves to this caller. */
  readonly introduce: (caller: Caller) => Promise<About>;
  /** Policies are in force; until then only the handshake is answered. Rejects when they cannot be loaded. */
  readonly ready: Promise<void>;
  /** Looks for changed policies now; what is refused is told in log and audit. */
  readonly reload: () => Promise<boolean>;
  readonly killAll: OpenedSwitches['killAll'];
  /** Names of the servers behind it. */
  readonly servers: readonly string[];
}

const LEARN_MS = 1000;
const MAX_NOTIFICATIONS_PER_SECOND = 1000;
/** Of one person, on all connections. */
const TASKS = { most: 32, mostBytes: 67_108_864 } as const;

/** Makes a gateway of a configuration: the one place with real clocks, files, processes and randomness. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, log, version, metrics } = options;
  await using opened = new Closers();
  const state = stateLayout(config.state.path);
  makePrivateFolder(state.root);
  const written = await openAudit({
    path: config.audit.path,
    stateKeyPath: state.auditKey,
    arguments: config.audit.arguments,
    secrets: config.secrets,
    now: () => new Date(),
    onError: (error) => log.error(error, 'audit'),
  });
  opened.add(async () => await written.close());
  const audit = metrics?.count(written) ?? written;
  const { record, note } = createRecord(audit, log);
  const scan = createScan(config.scan);
  // Compiling Cedar takes longer than shaking hands with a client: the servers start meanwhile.
  let openedKey: AuditKey | undefined;
  const key = (): AuditKey => (openedKey ??= openAuditKey(state.auditKey));
  const traces = createTraces(Date.now);
  const usage = createUsage(() => ({
    path: state.anomaly,
    now: Date.now,
    digest: key().digest,
    zones: config.policy.zones,
    onProblem: (thrown) => log.error(thrown, 'statistics of arguments'),
  }));
  opened.add(async () => await usage.close());
  const policy = await openPolicy({ config, audit, log, facts: { traces, usage } });
  opened.add(async () => await policy.close());
  const { decide, visible } = policy;
  const passed = createPassed({
    path: state.passed,
    detector: detectorDigest(config.scan),
    key,
    now: Date.now,
    onProblem: (thrown) => log.error(thrown, 'definitions that were read'),
  });
  opened.add(passed.close);
  const learn = (): unknown => scan('', 'tool-description');
  const ready = (async () => {
    await policy.ready;
    // The detector learns its phrases while the servers start, and not before they do; later where it knows what they will say.
    if (passed.isEmpty()) learn();
    else setTimeout(learn, LEARN_MS).unref();
  })();
  ready.catch(() => undefined);

  const { sandbox = config.sandbox } = policy;
  const servers = await openServers({ ...options, audit, config: { ...config, sandbox } });
  opened.add(async () => await servers.close());
  const names = createNames({
    servers: servers.specs.map(({ name }) => name),
    separator: config.catalogue.separator,
    single: options.single,
  });
  const lockFile = await openLock({
    path: config.catalogue.lock,
    onNew: config.catalogue.onNew,
    now: Date.now,
    signed: policy.lock,
    onProblem: (problem) => log.error(problem, 'lock file'),
  });
  opened.add(async () => await lockFile[Symbol.asyncDispose]());
  const known = withSharedCredentials(withOwnServers(lockFile, servers.own), config);
  const lock = withHandles(known, config);
  const handles = createHandles(Date.now);

  const aside = createScanAside(config.scan);
  opened.add(async () => await aside.close());
  const scanJson = createScanJson(scan);
  const definitions = createScanDefinitions(scan, aside.scan, passed);
  const schemas = createSchemas({ maxBytes: config.limits.maxArgumentBytes });
  const store = createWithheld({
    path: state.withheld,
    now: () => new Date(),
    limit: WITHHELD_LIMIT,
  });
  const redact = createRedact({ secrets: config.secrets });
  const words = (): Iterable<string> => lockFile.sources();
  const { suspicion, sessions } = openSessions({
    state,
    key,
    audit,
    log,
    opened,
    words,
    reach: createReach(config),
  });
  const lastResort = config.kill.file;
  const switches = openSwitches({
    path: state.kills,
    auditPath: config.audit.path,
    lastResort,
    suspicion,
    key,
    audit,
    log,
    opened,
  });
  const desk = openDesk({
    path: state.approvals,
    audit,
    log,
    key,
    policy: policy.digest,
    record: ({ traceId, session }, fields) => record('approval', session, { traceId, ...fields }),
    hide: redact.known,
  });

  const plans = await openPlans({ config, policy, handles, schemas, key, record });
  const howToAccept = createHowToAccept(options.single, config.catalogue.lock);
  const about = createAbout(version);
  const introduce = createIntroduce({
    about,
    ...names,
    single: options.single,
    lock: lockFile,
    readAccepted: async () => await readAccepted(lockFile.path),
    scan: definitions.scan,
    nonce,
    ready,
    visible,
    record: (session, introduced) =>
      record('list', session, {
        kind: 'introduction',
        count: introduced.length,
        servers: introduced,
      }),
    onFailed: (thrown) => log.error(thrown, 'introduction'),
  });
  const openTrail = createOpenTrail({
    audit,
    clock: () => performance.now(),
    newTraceId,
    trusts: factsOptions(config).trusts,
    anomalyOf: usage.said,
    servedBy: createServedBy(servers.specs),
    ended: metrics?.ended,
  });
  const gate: Gate = {
    about,
    introduce,
    servers: servers.specs,
    watch: metrics?.watch,
    openSession: sessions.open,
    anomalyOf: usage.said,
    openTrail(message) {
      sessions.touch(message.session.caller);
      return openTrail(message);
    },
    names,
    createCatalogue: (onChange) =>
      createCatalogue({
        lock,
        onChange,
        names,
        scanDefinition: definitions.scan,
        compileSchemas: (definition) =>
          schemas.schemaProblem(definition, definitionHash('tool', definition)),
      }),
    readAhead: definitions.ahead,
    ready,
    ...switches,
    decide,
    desk,
    visible,
    onRulesChange(caller, listener) {
      const stops = [policy.onChange(listener), suspicion.onChange(caller, listener)];
      return () => stops.forEach((stop) => stop());
    },
    schemas,
    validate: createValidate({
      maxBytes: config.limits.maxMessageBytes,
      schemas,
      redact: createRedactResult(config.secrets),
    }),
    scan: createScanOutput({
      scan: aside.scan,
      checkOutput: schemas.checkOutput,
      nonce,
      withhold: createWithhold({ store, audit, now: () => new Date(), redact: redact.known }),
    }),
    label: createLabel(traces, usage, handles),
    handles,
    given: ({ session, subject }, params) => traces.add(session, params, subject.source),
    maxAskBytes: config.limits.maxAskBytes,
    ...createHeed(scanJson, aside.scan, switches.isAlive, createIsTrusted(lock)),
    plans,
    isQuiet: (value) => scanJson(value, 'tool-output').verdict === 'pass',
    takeTaskSlot: createTaskSlots(TASKS),
    limits: createCallLimits({ ...config.limits, now: () => performance.now() }),
    record,
    note,
    howToAccept,
    heldBack: createHeldBack(log, howToAccept),
    timings: {
      ...TIMINGS,
      connectMs: config.limits.connectTimeoutMs,
      listMs: Math.min(TIMINGS.listMs, config.limits.connectTimeoutMs),
    },
    maxNotificationsPerSecond: MAX_NOTIFICATIONS_PER_SECOND,
  };
  audit.append('gateway-start', { version, pid: process.pid, node: process.version });
  const owned = opened.move();
  return {
    audit,
    about,
    introduce: async (caller) => await introduce(sessions.open(caller)),
    ready,
    reload: policy.reload,
    killAll: switches.killAll,
    open: createOpenAgent(gate),
    servers: servers.specs.map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      try {
        audit.append('gateway-stop', {});
      } catch (error) {
        log.error(error, 'audit');
      }
      await owned[Symbol.asyncDispose]();
    },
  };
}
