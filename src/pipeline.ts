import type {
  Call,
  CallMethod,
  Grant,
  JsonObject,
  Output,
  Permit,
  RawResult,
  Reply,
  Scanned,
  Session,
  Subject,
} from './call.ts';
import { Denial } from './denial.ts';
import type { Switches } from './kill/switches.ts';

/** A request that the wire has parsed and whose sender it knows. */
export type Message = {
  readonly session: Session;
  readonly method: CallMethod;
  readonly params: JsonObject;
  /** Id of the client's request, so that what the call causes reaches the right stream. */
  readonly id: string | number;
  /** Checks what the transport says of the arguments against the definition that is used; throws `header-mismatch`. */
  readonly agree?: (definition: JsonObject) => void;
};

/** What each stage proves. */
export type Steps = {
  find: Subject;
  check: Call;
  decide: Permit;
  approve: Grant;
  dispatch: RawResult;
  validate: Output;
  scan: Scanned;
};

export const STEPS = [
  'find', 'check', 'decide', 'approve', 'dispatch', 'validate', 'scan',
] as const satisfies readonly (keyof Steps)[]; // prettier-ignore

/** What the audit keeps of one call. `intend`, `allow` and `refuse` are on disk before they return. */
export interface Trail {
  readonly traceId: string;
  /** Adds one step to the trace and hands it back. */
  note<K extends keyof Steps>(step: K, value: Steps[K]): Steps[K];
  intend(grant: Grant): Grant;
  allow(reply: Reply): Reply;
  refuse(denial: Denial): Denial;
}

export type Stages = {
  readonly openTrail: (message: Message) => Trail;
  /** Finds what the call is about; hidden and missing are the same `tool-unknown`. */
  readonly find: (message: Message, signal: AbortSignal) => Promise<Subject>;
  /** Arguments against the subject's schema, sizes and depth. */
  readonly check: (message: Message, subject: Subject, traceId: string) => Call;
  /** Runs the rest of the way, unless or until a kill switch covers the call: `killed`. */
  readonly unlessKilled: Switches['unlessKilled'];
  readonly decide: (call: Call) => Permit;
  readonly approve: (permit: Permit, signal: AbortSignal) => Promise<Grant>;
  readonly dispatch: (grant: Grant, signal: AbortSignal) => Promise<RawResult>;
  readonly validate: (raw: RawResult) => Output;
  readonly scan: (output: Output) => Promise<Scanned>;
  readonly label: (scanned: Scanned) => Reply;
};

/** Runs one call; rejects with the `Denial` that the audit already holds. */
export type RunCall = (message: Message, signal: AbortSignal) => Promise<Reply>;

/** The whole way of one call. Each step needs what the step before it proved. */
export function createPipeline(stages: Stages): RunCall {
  return async function runCall(message, signal) {
    const trail = stages.openTrail(message);
    try {
      const subject = trail.note('find', await stages.find(message, signal));
      const call = trail.note('check', stages.check(message, subject, trail.traceId));
      const reply = await stages.unlessKilled(call, signal, async (alive) => {
        const permit = trail.note('decide', stages.decide(call));
        const grant = trail.note('approve', await stages.approve(permit, alive));

        const result = trail.note('dispatch', await stages.dispatch(trail.intend(grant), alive));

        const output = trail.note('validate', stages.validate(result));
        const scanned = trail.note('scan', await stages.scan(output));
        return stages.label(scanned);
      });
      return trail.allow(reply);
    } catch (thrown) {
      // The one place where errors end: what nobody planned is refused as `internal`.
      throw trail.refuse(Denial.from(thrown));
    }
  };
}
