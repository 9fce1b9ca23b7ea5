/** Exit codes of the command line, as the contract lists them. */
export const EXIT = { ok: 0, no: 1, usage: 2, environment: 3 } as const;

export type FaultOptions = ErrorOptions & {
  readonly hint?: string;
  readonly exit?: (typeof EXIT)[keyof typeof EXIT];
};

/** A failure a person can mend: printed as `sallyport: Cannot X: Y` and a `hint:` line. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly hint: string | undefined;
  readonly exit: number;

  constructor(message: string, options: FaultOptions = {}) {
    super(message, options);
    this.hint = options.hint;
    this.exit = options.exit ?? EXIT.usage;
  }
}
