import { Transform, type TransformCallback } from 'node:stream';
import { EgressRefusal } from './refusal.ts';

/** What one sandbox may use of the network. */
export type EgressLimits = {
  /** Both ways, all connections together. */
  readonly bytes: number;
  /** At once. */
  readonly connections: number;
  /** In all, refused ones too: each leaves records. */
  readonly attempts: number;
  /** From a question to the resolver to a connection that can be used. */
  readonly connectMs: number;
  /** For the head of a request, and for a ClientHello. */
  readonly helloMs: number;
  /** A connection on which nothing moves. */
  readonly idleMs: number;
};

export const EGRESS_LIMITS: EgressLimits = {
  bytes: 64 * 1024 * 1024,
  connections: 16,
  attempts: 256,
  connectMs: 15_000,
  helloMs: 10_000,
  idleMs: 30_000,
};

/** Counts what a lease moves, and what each connection has of it. */
export type Meter = { readonly count: (bytes: number) => void };

/** Throws `bytes-over` as soon as more than `limit` bytes were counted. */
export function createMeter(limit: number): Meter {
  let total = 0;
  return {
    count(bytes) {
      total += bytes;
      if (total > limit)
        throw new EgressRefusal('bytes-over', `more than ${limit} bytes in one sandbox`);
    },
  };
}

/** A stream that hands on what `count` lets pass. */
export function counting(count: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      try {
        count(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(EgressRefusal.from(error));
      }
    },
  });
}
