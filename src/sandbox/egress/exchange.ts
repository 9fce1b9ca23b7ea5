import type { Socket } from 'node:net';
import { deadline } from '../deadline.ts';
import { findRule, type EgressRule } from './allowlist.ts';
import { isWithin, type Bounds } from './bounds.ts';
import type { Destination } from './destination.ts';
import type { Dial } from './dial.ts';
import { lookUp, type Resolve } from './lookup.ts';
import type { EgressLimits, Meter } from './meter.ts';
import type { IsPublic } from './public-address.ts';
import { EgressRefusal } from './refusal.ts';
import type { EgressSecret } from './secret.ts';

/** A place programs may connect to, and the secret that is put in for them there. */
export type EgressEntry = EgressRule & {
  readonly secret?: EgressSecret;
  /** The owner knows that it is in a network of the house. */
  readonly isPrivate?: boolean;
};

/** What is written of a connection: `refused`; or `opened`, before anything leaves, and `closed`. */
export type EgressRecord = {
  readonly step: 'refused' | 'opened' | 'closed';
  readonly via: Via;
  /** As the program wrote it. */
  readonly to: string;
  readonly address?: string;
  readonly sent?: number;
  readonly received?: number;
  readonly ms?: number;
  readonly reason?: string;
  readonly why?: string;
  /** Name of the secret that was put in. A record has no member `secret`: the audit would blacken it. */
  readonly placeholder?: string;
};

export type Via = 'connect' | 'http';

export type ExchangeOptions = {
  readonly entries: readonly EgressEntry[];
  /** What the policies leave of them for this call; absent: all. */
  readonly bounds?: Bounds;
  readonly limits: EgressLimits;
  readonly meter: Meter;
  readonly resolve: Resolve;
  readonly isPublic: IsPublic;
  readonly dial: Dial;
  /** Writes to the audit. Throws when the record may be lost. */
  readonly record: (record: EgressRecord) => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Aborted when the program has ended, with the refusal that is written then. */
  readonly signal: AbortSignal;
};

/** One connection of a program, from its wish to its end. */
export interface Exchange {
  /** The entry that allows it. Throws `not-allowed`. */
  allow(destination: Destination): EgressEntry;
  /** Looks the name up, writes down that it is connected, and connects to an address that was checked. */
  reach(destination: Destination, entry: EgressEntry): Promise<Socket>;
  readonly sent: (bytes: number) => void;
  readonly received: (bytes: number) => void;
  /** Puts the name of a secret into the last record. */
  used(secret: string): void;
  /** Writes the last record. */
  end(refusal?: EgressRefusal): void;
}

const MAX_TEXT = 300;

export function createExchange(via: Via, wish: string, options: ExchangeOptions): Exchange {
  const { entries, bounds = [], limits, meter, dial, record, now, signal } = options;
  const to = wish.slice(0, MAX_TEXT);
  const began = now();
  let bytes = { sent: 0, received: 0 };
  let address: string | undefined;
  let secret: string | undefined;

  function allow(destination: Destination): EgressEntry {
    const entry = findRule(entries, destination);
    // A tunnel is for TLS alone: what goes through without it could say anything to any port.
    if (!entry || (via === 'connect' && entry.plain))
      throw new EgressRefusal('not-allowed', 'the configuration does not allow this destination');
    if (!isWithin(bounds, entry.plain, destination))
      throw new EgressRefusal(
        'not-allowed',
        'the policies do not allow this call to connect there',
      );
    return entry;
  }

  async function reach({ host, port }: Destination, { isPrivate }: EgressEntry): Promise<Socket> {
    const late = AbortSignal.timeout(limits.connectMs);
    const either = AbortSignal.any([late, signal]);
    const looking = lookUp(host, options, isPrivate);
    const addresses = await deadline(looking, limits.connectMs, signal).catch((error) => {
      throw error instanceof EgressRefusal
        ? error
        : new EgressRefusal('unresolved', `${host} was not found in time`, { cause: error });
    });
    let cause: unknown;
    for (const candidate of addresses.slice(0, 4)) {
      if (either.aborted) break;
      open(candidate);
      try {
        const socket = await dial(candidate, port, either);
        // Whoever uses it hears of an error too; without a listener one in between would end the gateway.
        socket.on('error', () => {});
        if (!signal.aborted) return socket;
        socket.destroy();
      } catch (error) {
        cause = error;
      }
    }
    signal.throwIfAborted();
    throw new EgressRefusal('unreachable', `${host} does not answer`, { cause });
  }

  function open(candidate: string): void {
    address = candidate;
    try {
      record({ step: 'opened', via, to, address });
    } catch (cause) {
      throw new EgressRefusal('not-written', 'it cannot be written to the audit', { cause });
    }
  }

  return {
    allow,
    reach,
    sent(count) {
      bytes = { ...bytes, sent: bytes.sent + count };
      meter.count(count);
    },
    received(count) {
      bytes = { ...bytes, received: bytes.received + count };
      meter.count(count);
    },
    used(name) {
      secret = name;
    },
    end(refusal) {
      const why = refusal && { reason: refusal.reason, why: refusal.message };
      if (address === undefined) return record({ step: 'refused', via, to, ...why });
      const used = secret === undefined ? {} : { placeholder: secret };
      const ms = Math.round(now() - began);
      record({ step: 'closed', via, to, address, ...bytes, ms, ...used, ...why });
    },
  };
}
