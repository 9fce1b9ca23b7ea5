import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../call.ts';
import { personOf } from '../../person.ts';
import type { OpenAgentSession } from '../agent.ts';
import { createPlaces, type Place } from '../places.ts';
import type { AnswerStatus } from './answer-status.ts';
import {
  createClientSession,
  type ClientSession,
  type ClientSessionLimits,
} from './client-session.ts';
import { HttpRefusal } from './refusal.ts';

export type SessionTableLimits = ClientSessionLimits & {
  readonly maxSessions: number;
  readonly maxSessionsPerCaller: number;
  /** Milliseconds without a request or a listening connection. */
  readonly idleMs: number;
};

/** The sessions of one endpoint, each found only by whom it was opened for. */
export interface SessionTable {
  /** Waits where another session of this caller has to end first. */
  create(caller: Caller): Promise<ClientSession>;
  /** Throws the same refusal for another caller's session as for one that does not exist. */
  find(request: IncomingMessage, caller: Caller): ClientSession;
  end(session: ClientSession): Promise<void>;
  /** Wakes the streams and ends what was idle for too long. */
  tick(): void;
  /** Requests in flight. */
  readonly inFlight: number;
  endAll(): Promise<void>;
}

type Row = { readonly session: ClientSession; readonly place: Place; usedAt: number };

export function createSessionTable(options: {
  readonly open: OpenAgentSession;
  readonly limits: SessionTableLimits;
  readonly answerStatus: AnswerStatus;
  readonly onFailed: (thrown: unknown) => void;
}): SessionTable {
  const { limits } = options;
  /** Least recently used first. */
  const rows = new Map<string, Row>();

  let closed = false;
  // A client that comes back again and again without saying good-bye pays with its own oldest session.
  const places = createPlaces({
    max: limits.maxSessions,
    maxPerOwner: limits.maxSessionsPerCaller,
    makeRoom(owner) {
      for (const { session, place } of rows.values())
        if (place.owner === owner && !session.busy) {
          void end(session);
          return true;
        }
      return false;
    },
  });

  async function end(session: ClientSession): Promise<void> {
    const row = rows.get(session.id);
    if (row === undefined) return;
    rows.delete(session.id);
    const gone = session.close().catch(options.onFailed);
    places.leave(row.place, gone);
    await gone;
  }

  return {
    async create(caller) {
      const place = places.take(personOf(caller));
      if (place === undefined)
        throw new HttpRefusal('sessions-exhausted', 'Cannot open a session: too many are open');
      if (place.free !== undefined) await place.free;
      // Nobody would end it any more.
      if (closed) throw new HttpRefusal('draining', 'Cannot open a session: shutting down');
      try {
        const session = createClientSession({
          id: randomBytes(32).toString('base64url'),
          caller,
          open: options.open,
          limits,
          answerStatus: options.answerStatus,
          onRejected: () => void end(session),
        });
        rows.set(session.id, { session, place, usedAt: performance.now() });
        return session;
      } catch (thrown) {
        places.leave(place, Promise.resolve());
        throw thrown;
      }
    },
    find(request, caller) {
      const id = request.headers['mcp-session-id'];
      if (typeof id !== 'string' || id === '')
        throw new HttpRefusal('session-missing', 'Cannot continue: Mcp-Session-Id is required');
      const row = rows.get(id);
      if (row === undefined) throw new HttpRefusal('session-unknown', 'Session not found');
      // The id is a name, not a key: who stole it still has another token.
      if (row.place.owner !== personOf(caller))
        throw new HttpRefusal('session-foreign', 'Session not found');
      if (!row.session.admits(caller)) {
        void end(row.session);
        throw new HttpRefusal('session-unknown', 'Session not found');
      }
      rows.delete(id);
      rows.set(id, row);
      row.usedAt = performance.now();
      return row.session;
    },
    end,
    tick() {
      const now = performance.now();
      for (const row of rows.values()) {
        if (row.session.busy) row.usedAt = now;
        if (now - row.usedAt > limits.idleMs) void end(row.session);
        else row.session.beat();
      }
    },
    get inFlight() {
      let sum = 0;
      for (const { session } of rows.values()) sum += session.inFlight;
      return sum;
    },
    async endAll() {
      closed = true;
      await Promise.all([...rows.values()].map(async ({ session }) => await end(session)));
    },
  };
}
