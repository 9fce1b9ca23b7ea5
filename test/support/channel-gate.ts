import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createCallLimits } from '../../src/call-limits.ts';
import { createCatalogue } from '../../src/catalogue/catalogue.ts';
import { openLock } from '../../src/catalogue/lock.ts';
import { definitionHash } from '../../src/catalogue/definition.ts';
import { createNames } from '../../src/catalogue/names.ts';
import { createOpenAgent } from '../../src/connection.ts';
import type { Gate } from '../../src/gate.ts';
import { createHandles } from '../../src/handles/handles.ts';
import { createLabel } from '../../src/output/label.ts';
import { createTraces } from '../../src/traces.ts';
import { createScanOutput } from '../../src/output/scan-output.ts';
import { createValidate } from '../../src/output/validate.ts';
import type { Trail } from '../../src/pipeline.ts';
import { createRedactResult } from '../../src/redact/redact.ts';
import { createSchemas } from '../../src/plan/arguments.ts';
import { createCanEnforce } from '../../src/policy/can-enforce.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { createScanDefinitions } from '../../src/scan/definition.ts';
import { createScanJson } from '../../src/scan/scan-json.ts';
import { createScan } from '../../src/scan/scan.ts';
import { createSessions } from '../../src/session.ts';
import { createTaskSlots } from '../../src/wire/tasks/task-slots.ts';
import { createAbout } from '../../src/wire/about.ts';
import type { OpenAgentSession } from '../../src/wire/agent.ts';
import type { OpenChannel } from '../../src/wire/channel.ts';
import { openDesk } from './desk.ts';
import { scratch } from './scratch.ts';

export type ChannelGate = {
  readonly open: OpenAgentSession;
  /** Methods of the calls that went all the way to a grant, in order. */
  readonly granted: string[];
};

const MAX_BYTES = 1 << 20;
const SERVER = 'fuzzed';

/** The real stages in front of one server in this process; what is granted is counted instead of written to disk. */
export async function channelGate(
  context: TestContext,
  openChannel: OpenChannel,
): Promise<ChannelGate> {
  const folder = await scratch(context);
  await writeFile(
    join(folder, 'policy.cedar'),
    '@id("test.all") permit(principal, action, resource);',
  );
  const policy = await loadPolicy({
    paths: [join(folder, 'policy.cedar')],
    now: () => new Date(),
    canEnforce: createCanEnforce({ mcpServers: {} }),
  });
  const lock = await openLock({
    path: join(folder, 'sallyport.lock.json'),
    onNew: 'pin',
    now: Date.now,
  });
  context.after(async () => await lock[Symbol.asyncDispose]());
  const names = createNames({ servers: [SERVER], separator: '__', single: true });
  const scan = createScan({ mark: 0.5, block: 0.9 });
  const scanJson = createScanJson(scan);
  const definitions = createScanDefinitions(scan, scan);
  const schemas = createSchemas();
  const sessions = createSessions();
  const granted: string[] = [];
  const traces = createTraces(Date.now);
  const handles = createHandles(Date.now);

  const gate: Gate = {
    about: createAbout('0'),
    introduce: async () => await Promise.resolve(createAbout('0')),
    servers: [{ name: SERVER, open: () => openChannel, timeoutMs: 5000 }],
    ready: Promise.resolve(),
    anomalyOf: () => undefined,
    openSession: sessions.open,
    openTrail: ({ method }): Trail => ({
      traceId: '0'.repeat(32),
      note: (_, value) => value,
      intend(grant) {
        granted.push(method);
        return grant;
      },
      allow: (reply) => reply,
      refuse: (denial) => denial,
    }),
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
    desk: openDesk(folder).desk,
    onRulesChange: () => () => undefined,
    unlessKilled: async (_call, signal, work) => await work(signal),
    refuseQuarantined: () => undefined,
    refuseKilled: () => undefined,
    decide: (call, approvals) => policy.decide(call, approvals),
    visible: (session, method, subjects) => policy.visible(session, method, subjects),
    schemas,
    validate: createValidate({ maxBytes: MAX_BYTES, schemas, redact: createRedactResult([]) }),
    scan: createScanOutput({
      scan,
      checkOutput: schemas.checkOutput,
      nonce: () => 'nonce',
      withhold: async () => 'withheld',
    }),
    label: createLabel(traces, { learn: () => undefined }, handles),
    handles,
    given: ({ session }, params) => traces.add(session, params, []),
    harmlessAsk: async (params) => scanJson(params, 'server-request').verdict !== 'block',
    maxAskBytes: MAX_BYTES,
    isQuiet: () => true,
    takeTaskSlot: createTaskSlots({ most: 32, mostBytes: 1_048_576 }),
    limits: createCallLimits({ now: () => performance.now() }),
    harmless: (value) => scanJson(value, 'server-request').verdict !== 'block',
    record: () => '0'.repeat(32),
    note: () => '0'.repeat(32),
    howToAccept: () => 'not at all',
    heldBack: () => undefined,
    timings: {
      connectMs: 5000,
      backoffMs: 1,
      backoffMaxMs: 10,
      listMs: 5000,
      freshMs: 0,
      settleMs: 1000,
      aloneMs: 1000,
      patienceMs: 5000,
      maxTotalMs: 10_000,
    },
    maxNotificationsPerSecond: 100_000,
  };
  return { open: createOpenAgent(gate), granted };
}
