import type { Caller } from '../../call.ts';
import { personOf } from '../../person.ts';
import { canonicalJson, type JsonObject } from '../../lib/json.ts';
import { Denial } from '../../denial.ts';
import type { About } from '../about.ts';
import type { Agree } from '../agent.ts';
import { MODERN_CLIENT_REQUESTS, treatment } from '../methods.ts';
import { MAY_REQUIRE_INPUT, WITH_TASKS } from '../modern/meta.ts';
import { createPlaces, type Place } from '../places.ts';
import { progressToken } from '../progress-token.ts';
import { relayed } from '../relayed.ts';
import { requireTasks, requireVersion, SERVED_VERSIONS } from './envelope.ts';
import type { Exchange, ModernRequest } from './exchange.ts';
import { readFilter } from './filter.ts';
import { unknownTask } from './held-tasks.ts';
import { createInner, type Inner, type InnerLimits, type OpenInner } from './inner.ts';
import { createParking, type ParkingLimits } from './parking.ts';
import { readResponses } from './questions.ts';
import { ModernRefusal } from './refusal.ts';
import { digestOf } from './request-state.ts';
import { completeResult } from './to-modern.ts';

export type ModernAgentLimits = InnerLimits &
  ParkingLimits & {
    readonly maxInner: number;
    readonly maxInnerPerCaller: number;
    /** Milliseconds until a connection that nothing uses is closed. */
    readonly innerIdleMs: number;
  };

export const MODERN_LIMITS: ModernAgentLimits = {
  maxInner: 512,
  maxInnerPerCaller: 16,
  innerIdleMs: 300_000,
  maxInFlight: 128,
  graceMs: 20,
  maxKeptBytes: 1_048_576,
  maxParked: 1024,
  maxParkedPerOwner: 64,
  parkedMs: 600_000,
  maxKeptTotalBytes: 67_108_864,
};

export type ModernAgentOptions = {
  readonly open: OpenInner;
  readonly about: About;
  /** The same with what the servers say of themselves that this caller may see something of. */
  readonly introduce: (caller: Caller) => Promise<About>;
  readonly limits: ModernAgentLimits;
  readonly onFailed: (thrown: unknown) => void;
};

/** Serves requests of the modern era (MCP 2026-07-28), each of which says all there is to know of its sender. */
export interface ModernAgent {
  /** Answers on the exchange. Returns what takes the request back. Throws `ModernRefusal`. */
  request(request: ModernRequest, exchange: Exchange): () => void;
  /** Closes what was idle for too long. */
  tick(): void;
  close(): Promise<void>;
}

type Row = { readonly inner: Inner; readonly place: Place; usedAt: number };

export function createModernAgent(options: ModernAgentOptions): ModernAgent {
  const { about, limits } = options;
  const parking = createParking(limits);
  /** Least recently used first. */
  const rows = new Map<string, Row>();
  // Capabilities are the client's to choose: who brings ever new ones pays with their own connections. Where all are
  // taken, what others leave idle makes room: a newcomer has none of their own.
  const places = createPlaces({
    max: limits.maxInner,
    maxPerOwner: limits.maxInnerPerCaller,
    makeRoom(owner) {
      const idle = [...rows].filter(
        ([, { inner, place }]) => !inner.busy && (owner === undefined || place.owner === owner),
      );
      // A result that nobody has fetched yet is lost with its connection.
      const [key, row] = idle.find(([, { inner }]) => !inner.keeps) ?? idle[0] ?? [];
      if (key === undefined || row === undefined) return false;
      void end(key, row);
      return true;
    },
  });
  let closed = false;

  async function end(key: string, { inner, place }: Row): Promise<void> {
    rows.delete(key);
    const gone = inner.close().catch(options.onFailed);
    places.leave(place, gone);
    await gone;
  }

  function open(key: string, caller: Caller, capabilities: JsonObject): Row {
    const place = closed ? undefined : places.take(personOf(caller));
    if (place === undefined)
      throw new ModernRefusal(
        'connections-exhausted',
        'Cannot accept the request: too many connections are in use',
      );
    const inner = createInner({
      caller,
      owner: ownerOf(caller),
      person: place.owner,
      capabilities,
      open: options.open,
      room: place.free,
      about,
      parking,
      limits,
      onBroken() {
        if (rows.get(key) === row) void end(key, row);
      },
      onFailed: options.onFailed,
    });
    const row = { inner, place, usedAt: 0 };
    return row;
  }

  function innerFor({ caller, meta }: ModernRequest): Inner {
    const capabilities = heard(meta.capabilities);
    const key = JSON.stringify([ownerOf(caller), canonicalJson(capabilities)]);
    const row = rows.get(key) ?? open(key, caller, capabilities);
    row.usedAt = performance.now();
    rows.delete(key);
    rows.set(key, row);
    return row.inner;
  }

  function resume(
    { caller, method, params, meta, agree }: ModernRequest,
    responses: Map<string, JsonObject>,
    exchange: Exchange,
  ): () => void {
    const binding = { owner: ownerOf(caller), method, digest: digestOf(params) };
    const call = parking.take(params['requestState'], binding, ({ definition }) => {
      if (definition !== undefined) requireAgreement(definition, agree);
    });
    call.resume({ exchange, meta, progressToken: progressToken(params), responses });
    return () => call.cancel();
  }

  /** The connection that runs a task of this person's: whoever else names it, by whatever luck, names none. */
  function holderOf({ caller, params }: ModernRequest): Inner {
    const person = personOf(caller);
    for (const row of rows.values())
      if (row.place.owner === person && row.inner.holds(params['taskId'])) {
        row.usedAt = performance.now();
        return row.inner;
      }
    throw unknownTask();
  }

  function discover({ caller }: ModernRequest, exchange: Exchange): () => void {
    let wanted = true;
    async function answer(): Promise<void> {
      const said = await options.introduce(caller).catch(() => about);
      if (wanted) exchange.answer({ jsonrpc: '2.0', id: exchange.id, result: discovered(said) });
    }
    void answer();
    return () => (wanted = false);
  }

  return {
    request(request, exchange) {
      const { method, params, meta } = request;
      requireVersion(meta.version);
      const row = treatment(MODERN_CLIENT_REQUESTS, method);
      if (row === undefined)
        throw new ModernRefusal('method-unknown', `Method not found: ${method.slice(0, 128)}`);
      if (row === 'discover') return discover(request, exchange);
      // All is read before anything is opened: what is malformed must not cost a connection.
      if (row === 'listen') {
        const filter = readFilter(params);
        if (filter.wantsTasks) requireTasks(meta);
        return innerFor(request).listen(filter, exchange);
      }
      if (row === 'task') {
        requireTasks(meta);
        return holderOf(request).task(request, exchange);
      }
      const retries =
        params['requestState'] !== undefined || params['inputResponses'] !== undefined;
      if (retries && !MAY_REQUIRE_INPUT.has(method))
        throw new ModernRefusal('params-malformed', `Cannot retry ${method}: it never asks`);
      const responses = readResponses(params);
      if (params['requestState'] !== undefined) return resume(request, responses, exchange);
      return innerFor(request).call(request, responses, exchange);
    },
    tick() {
      const now = performance.now();
      for (const [key, row] of rows) {
        if (row.inner.busy || row.inner.keeps) row.usedAt = now;
        if (now - row.usedAt > limits.innerIdleMs) void end(key, row);
      }
    },
    async close() {
      closed = true;
      await Promise.all([...rows].map(async ([key, row]) => await end(key, row)));
    },
  };
}

function discovered({ capabilities: own, instructions, serverInfo }: About): JsonObject {
  // Its tasks are those of the legacy era; here they are an extension.
  const { tasks: _tasks, ...others } = own;
  const capabilities = { ...others, ...WITH_TASKS };
  const said = { supportedVersions: SERVED_VERSIONS, capabilities, instructions };
  return completeResult('server/discover', said, serverInfo);
}

/** The headers of a retry count like those of the request that it repeats. */
function requireAgreement(definition: JsonObject, agree: Agree | undefined): void {
  try {
    agree?.(definition);
  } catch (thrown) {
    throw new ModernRefusal('header-mismatch', Denial.from(thrown).message);
  }
}

/** Everything the token says: what one with fewer groups asks must not be answered on a connection of one with more. */
function ownerOf(caller: Caller): string {
  return JSON.stringify(caller);
}

/** What the router hears of a client: `roots` without changes, which this era cannot tell of. */
function heard(declared: JsonObject): JsonObject {
  const { roots, ...others } = relayed(declared);
  return roots === undefined ? others : { ...others, roots: {} };
}
