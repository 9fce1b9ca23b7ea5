/** What the checks of definitions look for; each has vectors in `test/vectors/catalogue/definitions`. */
export type Check =
  | 'hidden-text'
  | 'control'
  | 'draws-context'
  | 'shadowing'
  | 'mention'
  | 'poses-as'
  | 'look-alike'
  | 'same-name'
  | 'detector';

/** One reason why a person should look at a definition. What it quotes is the server's: print it with `visible`. */
export type Suspicion = {
  readonly check: Check;
  /** Where in the definition it stands (RFC 6901, unusual keys as `*`). */
  readonly pointer: string;
  readonly detail: string;
  /** It keeps the definition back until a person has reviewed it; the others are for that person's eye alone. */
  readonly grave: boolean;
};
