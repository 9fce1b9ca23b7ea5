/** Why a connection out of a sandbox is refused or cut: closed; the HTTP status the program sees. */
const REASONS = {
  malformed: 400,
  'not-allowed': 403,
  'address-not-public': 403,
  'method-refused': 405,
  'too-many-connections': 429,
  'time-over': 504,
  'bytes-over': 509,
  unresolved: 502,
  unreachable: 502,
  broken: 502,
  'not-written': 500,
  'hello-refused': 403,
} as const satisfies Record<string, number>;

export type Reason = keyof typeof REASONS;

/** A connection that must not be, or must not go on. */
export class EgressRefusal extends Error {
  override readonly name = 'EgressRefusal';
  readonly reason: Reason;

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  get status(): number {
    return REASONS[this.reason];
  }

  /** Fails closed: what was not foreseen ends the connection. */
  static from(thrown: unknown): EgressRefusal {
    return thrown instanceof EgressRefusal
      ? thrown
      : new EgressRefusal('broken', 'the connection broke', { cause: thrown });
  }
}
