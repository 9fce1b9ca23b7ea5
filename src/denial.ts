/** Why a call was refused: closed, stable, matched on by clients, tests and audit readers. */
const CODES = {
  'token-missing': { rpc: -32001, http: 401, inResult: false },
  'token-invalid': { rpc: -32001, http: 401, inResult: false },
  'scope-insufficient': { rpc: -32001, http: 403, inResult: false },
  'header-mismatch': { rpc: -32020, http: 400, inResult: false },
  'tool-unknown': { rpc: -32602, http: 200, inResult: false },
  'arguments-invalid': { rpc: -32602, http: 200, inResult: true },
  'plan-violated': { rpc: -32003, http: 200, inResult: true },
  'policy-denied': { rpc: -32003, http: 200, inResult: true },
  'approval-required': { rpc: -32003, http: 200, inResult: true },
  'approval-denied': { rpc: -32003, http: 200, inResult: true },
  killed: { rpc: -32003, http: 200, inResult: true },
  quarantined: { rpc: -32003, http: 200, inResult: true },
  'rate-limited': { rpc: -32003, http: 200, inResult: true },
  'upstream-failed': { rpc: -32603, http: 200, inResult: true },
  'upstream-timeout': { rpc: -32603, http: 200, inResult: true },
  'sandbox-failed': { rpc: -32603, http: 200, inResult: true },
  'sandbox-unavailable': { rpc: -32603, http: 200, inResult: true },
  'output-invalid': { rpc: -32603, http: 200, inResult: true },
  'output-withheld': { rpc: -32003, http: 200, inResult: true },
  'too-large': { rpc: -32600, http: 413, inResult: true },
  internal: { rpc: -32603, http: 500, inResult: true },
} as const satisfies Record<string, { rpc: number; http: number; inResult: boolean }>;

export type DenialCode = keyof typeof CODES;

export type DenialOptions = ErrorOptions & {
  /** What the model or the person may do next; shown to them. */
  readonly hint?: string;
  /** Ids of the policies that decided; written to the audit and to the reply. */
  readonly policies?: readonly string[];
  /** What the caller has to be granted; part of the challenge. */
  readonly scopes?: readonly string[];
};

/** An expected refusal. Anything else that is thrown is a bug and is refused as `internal`. */
export class Denial extends Error {
  override readonly name = 'Denial';
  readonly code: DenialCode;
  readonly hint: string | undefined;
  readonly policies: readonly string[];
  readonly scopes: readonly string[];
  /** Set by the trail when the refusal is on disk. */
  traceId: string | undefined;

  constructor(code: DenialCode, message: string, options: DenialOptions = {}) {
    super(message, options);
    this.code = code;
    this.hint = options.hint;
    this.policies = options.policies ?? [];
    this.scopes = options.scopes ?? [];
  }

  /** Fails closed: a stage that throws something unplanned has not said yes. */
  static from(thrown: unknown): Denial {
    if (thrown instanceof Denial) return thrown;
    return new Denial('internal', 'Cannot complete the call: an internal error', { cause: thrown });
  }

  /** JSON-RPC error code of this refusal. */
  get rpc(): number {
    return CODES[this.code].rpc;
  }

  /** HTTP status of this refusal when it happens before a JSON-RPC reply is possible. */
  get http(): number {
    return CODES[this.code].http;
  }

  /** Whether a refused `tools/call` answers with a result the model can read instead of an error. */
  get inResult(): boolean {
    return CODES[this.code].inResult;
  }
}
