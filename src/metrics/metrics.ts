import type { Audit } from '../audit/audit.ts';
import type { EndedCall } from '../audit/trail.ts';
import type { SandboxMeter } from '../sandbox/meter.ts';

/** What counts, where somebody asked for it; parts of the gateway get the one member they need. Nothing here throws. */
export type Metrics = {
  /** The same audit, its records counted. */
  readonly count: (audit: Audit) => Audit;
  readonly ended: (call: EndedCall) => void;
  readonly watch: WatchConnection;
  readonly sandbox: SandboxMeter;
};

/** Told of each client connection when it opens. */
export type WatchConnection = (transport: Transport) => ConnectionMeter;

export const TRANSPORTS = ['stdio', 'http'] as const;
type Transport = (typeof TRANSPORTS)[number];

export type ConnectionMeter = {
  /** One of its upstream connections is ready. */
  readonly up: (server: string) => void;
  /** One of them could not be opened, or was lost. */
  readonly down: (server: string) => void;
  /** It is gone, and its upstream connections with it. */
  readonly closed: () => void;
};
