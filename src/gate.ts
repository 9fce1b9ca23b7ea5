import type {
  Call,
  Caller,
  CallMethod,
  JsonObject,
  Output,
  Permit,
  RawResult,
  Reply,
  Scanned,
  Session,
  Subject,
} from './call.ts';
import type { CallLimits } from './call-limits.ts';
import type { Desk } from './approvals/desk.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { Handles } from './handles/handles.ts';
import type { HeldBack } from './held-back.ts';
import type { Switches } from './kill/switches.ts';
import type { WatchConnection } from './metrics/metrics.ts';
import type { Message, Trail } from './pipeline.ts';
import type { Schemas } from './plan/arguments.ts';
import type { Plans } from './plans/plans.ts';
import type { About } from './wire/about.ts';
import type { Introduce } from './wire/introduce.ts';
import type { TakeTaskSlot } from './wire/tasks/task-slots.ts';
import type { OpenChannel } from './wire/channel.ts';
import type { Kind } from './catalogue/definition.ts';

/** What is written outside the way of a call. */
export type GateEvent =
  | 'session-open'
  | 'session-close'
  | 'list'
  | 'approval'
  | 'task'
  | 'plan'
  | 'frame-refused'
  | 'upstream-up'
  | 'upstream-down'
  | 'catalogue-change';

/** Who asks now. */
export type Who = () => Caller;

/** One upstream as the configuration names it. */
export type UpstreamSpec = {
  readonly name: string;
  /** A channel on which `who` asks; what is proved of them may change while it is open. */
  readonly open: (who: Who) => OpenChannel;
  readonly timeoutMs: number;
  /** Milliseconds without a request after which its process ends, until the next one; absent: it does not. */
  readonly idleMs?: number;
  /** The gateway's own, which is told the terms of each call. */
  readonly isOwn?: boolean;
};

/** What every connection shares: the stages, and what the composition root made of the configuration. */
export type Gate = {
  readonly about: About;
  readonly introduce: Introduce;
  readonly servers: readonly UpstreamSpec[];
  /** Absent: nobody counts. */
  readonly watch?: WatchConnection | undefined;
  /** Policies are in force. */
  readonly ready: Promise<void>;
  readonly openSession: (caller: Caller) => Session;
  readonly openTrail: (message: Message) => Trail;
  readonly createCatalogue: (onChange: (kind: Kind) => void) => Catalogue;
  /** Reads a list before the catalogue judges it, so that nobody waits for a long one. */
  readonly readAhead: (definitions: readonly JsonObject[]) => Promise<void>;
  readonly names: {
    readonly exposeUri: (server: string, uri: string) => string;
    readonly rewriteUris: (result: JsonObject, server: string) => JsonObject;
  };
  readonly unlessKilled: Switches['unlessKilled'];
  readonly refuseQuarantined: Switches['refuseQuarantined'];
  /** Throws `killed` where a kill switch covers the call, `quarantined` for whom a person has quarantined. */
  readonly refuseKilled: (call: Call) => void;
  readonly decide: (call: Call, approvals?: readonly string[]) => Permit;
  /** Where people are asked about a call. */
  readonly desk: Desk;
  readonly visible: (
    session: Session,
    method: CallMethod,
    subjects: readonly Subject[],
  ) => readonly Subject[];
  /** Told when other policies are in force, or this caller is in another band; the returned function ends that. */
  readonly onRulesChange: (caller: Caller, listener: () => void) => () => void;
  readonly schemas: Pick<Schemas, 'check' | 'checkPrompt'>;
  readonly handles: Pick<Handles, 'resolve'>;
  /** How unlike earlier calls a call is, where somebody has looked. */
  readonly anomalyOf: (call: Call) => { readonly score: number } | undefined;
  readonly validate: (raw: RawResult) => Output;
  readonly scan: (output: Output) => Promise<Scanned>;
  readonly label: (scanned: Scanned) => Reply;
  /** Absent: no plans are offered. */
  readonly plans?: Plans | undefined;
  /** What the client learns of a call before its result. */
  readonly given: (call: Call, params: JsonObject) => void;
  /** Reads every string of what a server says unasked or asks; `false`: it looks like an injection. */
  readonly harmless: (value: JsonObject, session: Session, server: string) => boolean;
  /** The same for what a server asks, which may be long: others are served meanwhile. */
  readonly harmlessAsk: (params: JsonObject, session: Session, server: string) => Promise<boolean>;
  /** As `harmless` where there is no place for delimiters; `false`: it is at least suspicious. */
  readonly isQuiet: (value: JsonObject) => boolean;
  readonly takeTaskSlot: TakeTaskSlot;
  readonly limits: CallLimits;
  /** Bytes of what a server asks of the client, and of the answer. */
  readonly maxAskBytes: number;
  /** Writes an event that belongs to no call. Returns its trace id. Throws when it cannot be written. */
  readonly record: (event: GateEvent, session: Session, fields: JsonObject) => string;
  /** The same for what has happened already: never throws. */
  readonly note: (event: GateEvent, session: Session, fields: JsonObject) => string;
  /** How the owner accepts a definition that is held back; a sentence for the model to pass on. */
  readonly howToAccept: (server: string, name: string) => string;
  /** Takes what is listed after each change. */
  readonly heldBack: HeldBack;
  readonly timings: {
    readonly connectMs: number;
    readonly backoffMs: number;
    readonly backoffMaxMs: number;
    readonly listMs: number;
    readonly freshMs: number;
    readonly settleMs: number;
    /** The same while none has come up. */
    readonly aloneMs: number;
    readonly patienceMs: number;
    readonly maxTotalMs: number;
  };
  readonly maxNotificationsPerSecond: number;
};
