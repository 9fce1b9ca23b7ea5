import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../call.ts';
import type { UpstreamSpec } from '../gate.ts';
import type { JsonObject } from '../lib/json.ts';
import { LEGACY_VERSIONS, SERVER_NOTIFICATIONS, treatment } from './methods.ts';
import { DEFINITION_KINDS, KINDS, type Kind } from '../catalogue/definition.ts';
import { createSurfaces } from './surfaces.ts';
import { createUpstream } from './upstream.ts';

/** Everything one upstream lists to a client that can do everything. */
export type Survey = {
  readonly server: string;
  readonly definitions: Readonly<Record<Kind, readonly JsonObject[]>>;
  /** Why it could not be listed in full; what is missing then was not withdrawn. */
  readonly error?: string;
};

export type SurveyOptions = {
  readonly version: string;
  /** As whom the servers are asked. */
  readonly caller: Caller;
  readonly connectMs: number;
  readonly listMs: number;
  /** Told when one server is done, well or badly. */
  readonly onListed?: (server: string) => void;
};

/** All capabilities, because servers offer some tools only to clients that have them. */
const CAPABILITIES: JsonObject = {
  sampling: { context: {}, tools: {} },
  elicitation: { form: {}, url: {} },
  roots: { listChanged: true },
  experimental: {},
};

/** Servers add what depends on the client a moment after the handshake, and say so. */
const QUIET_MS = 300;
const MAX_ROUNDS = 8;

/** Starts every server, lists what it offers and ends it again; through the same wire as the gateway, so hashes agree. */
export async function surveyUpstreams(
  specs: readonly UpstreamSpec[],
  options: SurveyOptions,
): Promise<Survey[]> {
  return await Promise.all(specs.map(async (spec) => await surveyOne(spec, options)));
}

async function surveyOne(
  { name, open }: UpstreamSpec,
  { version, caller, connectMs, listMs, onListed }: SurveyOptions,
): Promise<Survey> {
  const definitions: Record<Kind, readonly JsonObject[]> = {
    tool: [],
    resource: [],
    resourceTemplate: [],
    prompt: [],
    introduction: [],
  };
  const problems = new Set<string>();
  let changed = true;
  const upstream = createUpstream({
    name,
    open: open(() => caller),
    // As the gateway introduces itself: a server must not be able to show the survey another face.
    initialize: Promise.resolve({
      protocolVersion: LEGACY_VERSIONS[0],
      capabilities: CAPABILITIES,
      clientInfo: { name: 'sallyport', title: 'Sallyport', version },
    }),
    timings: { connectMs, backoffMs: listMs, backoffMaxMs: listMs },
    maxNotificationsPerSecond: 100,
    events: {
      onReady: async () => await Promise.resolve(),
      onDown: (reason) => void problems.add(reason),
      onRequest: ({ id, method }) => upstream.respond({ jsonrpc: '2.0', id, ...answerTo(method) }),
      onNotification({ method }) {
        if (treatment(SERVER_NOTIFICATIONS, method) === 'relist') changed = true;
      },
      onRefused: () => undefined,
    },
  });
  const surfaces = createSurfaces({
    upstreams: [upstream],
    listMs,
    freshMs: 0,
    now: () => performance.now(),
    onList: (_server, kind, listed) => void (definitions[kind] = listed),
    onProblem: (_server, kind, problem) =>
      void problems.add(`${DEFINITION_KINDS[kind].list}: ${problem}`),
  });
  try {
    await upstream.settled;
    for (let round = 0; changed && upstream.state === 'ready' && round < MAX_ROUNDS; round++) {
      changed = false;
      problems.clear();
      for (const kind of KINDS) await surfaces.refresh(name, kind);
      await sleep(QUIET_MS);
    }
    if (changed && upstream.state === 'ready') problems.add('its lists do not come to rest');
  } finally {
    await upstream.close();
    onListed?.(name);
  }
  const error = [...problems].join('; ');
  return { server: name, definitions, ...(error === '' ? {} : { error }) };
}

/** Nobody is there to be asked. */
function answerTo(method: string): JsonObject {
  if (method === 'ping') return { result: {} };
  if (method === 'roots/list') return { result: { roots: [] } };
  if (method === 'elicitation/create') return { result: { action: 'cancel' } };
  return { error: { code: -32601, message: `Cannot answer ${method}: nobody is there` } };
}
