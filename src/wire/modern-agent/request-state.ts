import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../../lib/json.ts';

/** What a state is good for; presented with anything else it is nothing. */
export type Binding = {
  /** Who asked, with everything their token said. */
  readonly owner: string;
  readonly method: string;
  /** `digestOf` the parameters. */
  readonly digest: string;
};

export interface RequestStates {
  /** A state for `nonce`, good until `expiresAt` (milliseconds of `now`). */
  seal(nonce: string, expiresAt: number, binding: Binding): string;
  /** The nonce of a state that was sealed here for this binding and is not over; otherwise `undefined`. */
  open(state: string, binding: Binding): string | undefined;
}

const STATE = /^([\w-]{22})\.(\d{1,15})\.([\w-]{43})$/;

/** `requestState` passes through the client, so it is as hostile as any argument (MCP 2026-07-28, MRTR). */
export function createRequestStates(now: () => number): RequestStates {
  // One key a process: a state of another one names a call that is not parked here.
  const key = randomBytes(32);

  function sign(nonce: string, expiresAt: string, binding: Binding): Buffer {
    const bound = JSON.stringify([nonce, expiresAt, binding.owner, binding.method, binding.digest]);
    return createHmac('sha256', key).update(bound).digest();
  }

  return {
    seal(nonce, expiresAt, binding) {
      const until = String(Math.ceil(expiresAt));
      return `${nonce}.${until}.${sign(nonce, until, binding).toString('base64url')}`;
    },
    open(state, binding) {
      const [, nonce, until, mac] = STATE.exec(state) ?? [];
      if (nonce === undefined || until === undefined || mac === undefined) return undefined;
      // Base64 has several spellings of some bytes, and only the one that was given counts.
      const expected = Buffer.from(sign(nonce, until, binding).toString('base64url'));
      if (!timingSafeEqual(Buffer.from(mac), expected)) return undefined;
      return Number(until) > now() ? nonce : undefined;
    },
  };
}

/** 128 bits nobody can guess. */
export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/** Of what must be the same in a retry: all parameters but `_meta` and the two that only a retry has. */
export function digestOf(params: JsonObject): string {
  const { _meta, inputResponses: _responses, requestState: _state, ...salient } = params;
  return createHash('sha256').update(canonicalJson(salient)).digest('base64url');
}
