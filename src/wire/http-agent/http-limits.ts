import { MODERN_LIMITS, type ModernAgentLimits } from '../modern-agent/modern-agent.ts';
import type { SessionTableLimits } from './session-table.ts';

export type HttpLimits = SessionTableLimits &
  ModernAgentLimits & {
    readonly maxBodyBytes: number;
    readonly maxConnections: number;
    /** Milliseconds for the head of a request, and for all of it. */
    readonly headMs: number;
    readonly requestMs: number;
    /** Milliseconds in which a client that reads must take something. */
    readonly stallMs: number;
    /** Milliseconds between two comments on a quiet event stream; less than `stallMs`. */
    readonly beatMs: number;
    /** Milliseconds that `close` waits for requests in flight. */
    readonly drainMs: number;
  };

export const HTTP_LIMITS: HttpLimits = {
  ...MODERN_LIMITS,
  maxBodyBytes: 16_777_216,
  maxConnections: 2048,
  maxSessions: 1024,
  maxSessionsPerCaller: 64,
  maxInFlight: 128,
  queueBytes: 1_048_576,
  replayBytes: 262_144,
  idleMs: 1_800_000,
  patienceMs: 1000,
  unreadBytes: 16_777_216,
  headMs: 10_000,
  requestMs: 30_000,
  stallMs: 60_000,
  beatMs: 15_000,
  drainMs: 5000,
};
