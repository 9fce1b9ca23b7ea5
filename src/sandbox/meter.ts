import type { Path } from './path.ts';
import type { Tier } from './tier.ts';

/** What the sandbox tells of itself, to whoever counts. Nothing here throws. */
export type SandboxMeter = {
  /** A program waits for a place. The returned function says that it has one, or gave up. */
  readonly waits: () => () => void;
  /** A program has its place. The returned function says that its sandbox is ready, and which. */
  readonly starts: () => (tier: Tier, path: Path) => void;
};
