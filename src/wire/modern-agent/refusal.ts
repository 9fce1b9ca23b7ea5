import type { JsonObject } from '../../lib/json.ts';

/** Why a modern request became nothing: closed, for the audit. `status` is that of Streamable HTTP. */
export const MODERN_REASONS = {
  'meta-malformed': { status: 400, rpc: -32602 },
  version: { status: 400, rpc: -32022 },
  'header-mismatch': { status: 400, rpc: -32020 },
  'method-unknown': { status: 404, rpc: -32601 },
  'params-malformed': { status: 400, rpc: -32602 },
  'request-state': { status: 400, rpc: -32602 },
  'capability-missing': { status: 400, rpc: -32021 },
  'task-unknown': { status: 200, rpc: -32602 },
  'id-in-use': { status: 400, rpc: -32600 },
  'connections-exhausted': { status: 429, rpc: -32603 },
  'requests-exhausted': { status: 429, rpc: -32603 },
} as const satisfies Record<string, { status: number; rpc: number }>;

type ModernReason = keyof typeof MODERN_REASONS;

/** A modern request that gets an error before the router sees it. The message is safe to show. */
export class ModernRefusal extends Error {
  override readonly name = 'ModernRefusal';
  readonly reason: ModernReason;
  readonly data: JsonObject | undefined;

  constructor(reason: ModernReason, message: string, data?: JsonObject) {
    super(message);
    this.reason = reason;
    this.data = data;
  }

  /** JSON-RPC error code. */
  get rpc(): number {
    return MODERN_REASONS[this.reason].rpc;
  }
}
