import type { OutgoingHttpHeaders } from 'node:http';
import type { JsonObject } from '../../lib/json.ts';
import type { RequestId } from '../frames.ts';
import { MODERN_REASONS } from '../modern-agent/refusal.ts';

/** Why an HTTP request was refused before it became a frame: closed, for the audit. */
const REASONS = {
  ...MODERN_REASONS,
  target: { status: 404, rpc: -32000 },
  method: { status: 405, rpc: -32000 },
  host: { status: 403, rpc: -32000 },
  origin: { status: 403, rpc: -32000 },
  'header-repeated': { status: 400, rpc: -32000 },
  'token-in-query': { status: 400, rpc: -32000 },
  'token-missing': { status: 401, rpc: -32001 },
  'token-invalid': { status: 401, rpc: -32001 },
  'scope-insufficient': { status: 403, rpc: -32001 },
  'not-acceptable': { status: 406, rpc: -32000 },
  'media-type': { status: 415, rpc: -32000 },
  'too-large': { status: 413, rpc: -32600 },
  'body-broken': { status: 400, rpc: -32700 },
  message: { status: 400, rpc: -32600 },
  notification: { status: 202, rpc: -32600 },
  'session-missing': { status: 400, rpc: -32000 },
  'session-unknown': { status: 404, rpc: -32001 },
  'session-foreign': { status: 404, rpc: -32001 },
  'session-open': { status: 400, rpc: -32600 },
  'sessions-exhausted': { status: 429, rpc: -32000 },
  'event-unknown': { status: 400, rpc: -32000 },
  'stream-open': { status: 409, rpc: -32000 },
  draining: { status: 503, rpc: -32000 },
  internal: { status: 500, rpc: -32603 },
} as const satisfies Record<string, { status: number; rpc: number }>;

export type RefusalReason = keyof typeof REASONS;

export type RefusalOptions = ErrorOptions & {
  readonly id?: RequestId | null;
  readonly rpc?: number;
  readonly data?: JsonObject;
  readonly headers?: OutgoingHttpHeaders;
};

/** An HTTP request that gets a status and a JSON-RPC error, and nothing else. The message is safe to show. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly reason: RefusalReason;
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: JsonObject;

  constructor(reason: RefusalReason, message: string, options: RefusalOptions = {}) {
    super(message, options);
    const { status, rpc } = REASONS[reason];
    this.reason = reason;
    this.status = status;
    this.headers = options.headers ?? {};
    this.body = {
      jsonrpc: '2.0',
      id: options.id ?? null,
      error: {
        code: options.rpc ?? rpc,
        message,
        ...(options.data ? { data: options.data } : {}),
      },
    };
  }

  /** Fails closed: what was thrown unplanned is refused, without its text. */
  static from(thrown: unknown): HttpRefusal {
    if (thrown instanceof HttpRefusal) return thrown;
    return new HttpRefusal('internal', 'Cannot complete the request: an internal error', {
      cause: thrown,
    });
  }
}
