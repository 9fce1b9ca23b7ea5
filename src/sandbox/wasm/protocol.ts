/** What the process of a cell says of itself before it gets its program. */
export type Greeting = {
  /** Names of its environment variables. */
  readonly sees: readonly string[];
  /** Whether Node refuses it files and processes. */
  readonly permission: boolean;
};

/** Says that the program has come whole; what follows on stdout is the program's. */
export const ACK = '\u0006';

/** Its exit code when the program wanted more memory than it may have. */
export const OUT_OF_MEMORY = 71;

/** The only variables of its environment. */
export const ENVIRONMENT = process.platform === 'win32' ? ['TZ', 'SystemRoot'] : ['TZ'];
