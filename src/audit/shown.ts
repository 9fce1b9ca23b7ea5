import { createRedact } from './redact.ts';

/** What one server was shown, so that it is not written down when the server says it again. */
export type Shown = {
  readonly add: (secret: string) => void;
  /** The text with each of them replaced, in whatever encoding. */
  readonly mask: (text: string) => string;
};

/** Tokens change by the minute; an older one than these is no good any more. */
const MAX_SHOWN = 4;

export function createShown(): Shown {
  /** Oldest first. */
  const secrets = new Set<string>();
  let { known } = createRedact({ secrets: [] });
  return {
    add(secret) {
      if (secrets.has(secret)) return;
      const [oldest] = secrets;
      if (secrets.size >= MAX_SHOWN && oldest !== undefined) secrets.delete(oldest);
      secrets.add(secret);
      ({ known } = createRedact({ secrets: [...secrets] }));
    },
    mask: (text) => known(text),
  };
}
