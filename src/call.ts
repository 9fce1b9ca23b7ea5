/** The vocabulary of one call, in the order in which the pipeline earns each piece. */
import type { Told } from './labels/server-labels.ts';
import type { JsonObject } from './lib/json.ts';

/** Who is calling. For stdio the configuration vouches (assurance 0), for HTTP a verified token does. */
export type Caller = {
  readonly issuer: string;
  readonly subject: string;
  /** The OAuth client or, on stdio, `local`. */
  readonly client: string;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  /** 0: vouched by the owner of the machine; 1: verified token. */
  readonly assurance: number;
  /** When the person signed in, seconds since 1970; absent where nobody says. */
  readonly authTime?: number;
  /** SHA-256 thumbprint of the key that the token is bound to (RFC 9449); absent: whoever holds the token is the caller. */
  readonly key?: string;
  /** Digest of all that the token says, what is not read here too: an actor, or what single rights were granted. */
  readonly claims?: string;
};

/** Capability classes; each is a Cedar action of the same name. */
export const CLASSES = [
  'read',
  'write',
  'destructive',
  'financial',
  'code_execution',
  'external_communication',
  'credential_access',
  'unclassified',
] as const;
export type CapabilityClass = (typeof CLASSES)[number];

/** Labels the default policies know; owners may add their own words. */
export type Label = string;

/** What one caller has done so far. Labels only grow; keyed by who signed in, never by a chosen id. */
export interface Session {
  readonly id: string;
  readonly caller: Caller;
  readonly labels: ReadonlySet<Label>;
  /** Those of its labels that other processes gave it; absent: none. */
  readonly foreignLabels?: ReadonlySet<Label>;
  /** Labels of values that the gateway put into the arguments of this call, among `labels`; absent: there are none. */
  readonly carried?: ReadonlySet<Label>;
  /** What servers have of values that no model has read; absent: nothing is kept from it. */
  readonly told?: Told;
  /** 0 calm … 3; raised by findings of the scanner, never lowered by the program. Of the person, whatever the client. */
  readonly escalation: number;
  /** Calls dispatched so far. */
  readonly calls: number;
  /** Of a call that is a step of a validated plan. */
  readonly step?: PlanStep;
  addLabels(labels: Iterable<Label>): void;
  /** The detector has marked or withheld what this came with. */
  escalate(verdict: 'mark' | 'block', about: Suspected): void;
  countCall(): void;
}

/** Which step of which plan a call is, and what is known of it by that. */
export type PlanStep = {
  /** Digest of the validated plan. */
  readonly plan: string;
  /** Where it stands among the steps, from 0. */
  readonly number: number;
  /** The gateway makes the call, and nobody is shown what comes of it. */
  readonly isRun: boolean;
  /** What the session had read when the plan was validated. */
  readonly labels: ReadonlySet<Label>;
  /** Of the values in the arguments that come from earlier steps, exactly. */
  readonly argLabels: ReadonlySet<Label>;
  /** What untrusted ones among those values are. */
  readonly fromUntrusted: ReadonlySet<'text' | 'numbers'>;
};

/** What policies are told of a plan that is submitted. */
export type PlanFacts = {
  readonly steps: number;
  readonly depth: number;
  readonly tools: readonly string[];
  readonly sinks: readonly string[];
  readonly departs: readonly string[];
};

/** What was suspicious, and the call that brought it. */
export type Suspected = {
  readonly server: string;
  readonly name: string;
  readonly traceId?: string;
};

export type SubjectKind = 'tool' | 'resource' | 'prompt' | 'request';

/** `match`: as accepted; `drift`: changed since; `unpinned`: never accepted. */
export type PinState = 'match' | 'drift' | 'unpinned';

/** What a call is about: a tool, a resource, a prompt, or something a server asks of the client. */
export type Subject = {
  readonly kind: SubjectKind;
  readonly server: string;
  /** The upstream's own name: tool or prompt name, resource URI or URI template, or request method. */
  readonly name: string;
  readonly classes: readonly CapabilityClass[];
  readonly dataClass: number;
  readonly source: readonly Label[];
  readonly sink: readonly string[];
  readonly pin: PinState;
  readonly reviewed: boolean;
  /** sha256 of the canonical definition. */
  readonly hash: string;
  /** The definition as the upstream sent it. */
  readonly definition: JsonObject;
  /** JSON Pointers (RFC 6901) of the arguments that alone decide where it sends, as a person has reviewed it; absent: nobody says. */
  readonly sendsTo?: readonly string[];
  /** The owner wants its results kept apart, and the model to pass on handles. */
  readonly asHandle?: boolean;
};

/** MCP methods that are decided as calls; each is a Cedar action or the prefix of one. */
export const CALL_METHODS = [
  'tools/call',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'sampling/createMessage',
  'elicitation/create',
  'roots/list',
] as const;
export type CallMethod = (typeof CALL_METHODS)[number];

/** A well-formed request on a subject that exists for this caller, arguments checked and frozen. */
export type Call = {
  readonly traceId: string;
  /** Id of the request on the side it came from. */
  readonly id: string | number;
  readonly method: CallMethod;
  readonly session: Session;
  readonly subject: Subject;
  /** `params` as they came in, frozen; what is forwarded. */
  readonly params: JsonObject;
  /** The arguments alone: `{}` where the method has none. */
  readonly args: JsonObject;
  /** Whether it sends to trusted hosts alone, where that is on record; absent: the arguments tell. */
  readonly toTrusted?: boolean;
  /** Where the call submits a plan. */
  readonly plan?: PlanFacts;
  /** What a person who is asked about it is told besides. */
  readonly notes?: readonly string[];
};

export type Obligations = {
  /** Who must approve; empty: nobody. */
  readonly approvals: readonly string[];
  /** The least isolation tier, where a policy names one. */
  readonly isolation?: string;
  /** Lists of hosts, where policies name some: the call connects only to what is on each of them. */
  readonly egress?: readonly string[];
  /** The model is given handles in place of the result, and no word of its server. */
  readonly asHandle?: boolean;
  /** Kinds of data to remove from the output, e.g. `pii`. */
  readonly redact: readonly string[];
  /** Advice for the person or the model, from `@advice`. */
  readonly advice: readonly string[];
};

declare const permitted: unique symbol;
declare const granted: unique symbol;
declare const received: unique symbol;
declare const validated: unique symbol;
declare const scanned: unique symbol;

/** A call that policy allowed, perhaps under obligations. Only `decide` issues one. */
export type Permit = {
  readonly [permitted]: true;
  readonly call: Call;
  /** Ids of the policies that allowed it. */
  readonly policies: readonly string[];
  readonly obligations: Obligations;
};

/** A permit whose approvals are given. Only `approve` issues one; only `dispatch` spends it. */
export type Grant = {
  readonly [granted]: true;
  readonly permit: Permit;
  readonly approvedBy: readonly string[];
  /** Which answer of a person this is, by its nonce. */
  readonly approval?: string;
};

/** What came back, exactly as parsed. Only `dispatch` issues one. */
export type RawResult = {
  readonly [received]: true;
  readonly grant: Grant;
  /** The upstream answered with a JSON-RPC error, and `result` is that error object. */
  readonly failed: boolean;
  readonly result: JsonObject;
};

/** A result that fits its schema and size. Only `validate` issues one. */
export type Output = {
  readonly [validated]: true;
  readonly raw: RawResult;
  readonly result: JsonObject;
};

export type Verdict = 'pass' | 'mark' | 'block';

export type Finding = {
  readonly rule: string;
  /** Where the text was seen: `raw`, `base64`, `hidden`, … */
  readonly view: string;
  /** Offsets in the original text, UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** `quoted`: the text only tells of it, as documentation of attacks does; alone it marks at most. */
  readonly class?: 'quoted';
};

/** A result the detector has read; marked text already stands between delimiters. Only `scan` issues one. */
export type Scanned = {
  readonly [scanned]: true;
  readonly output: Output;
  readonly verdict: 'pass' | 'mark';
  readonly score: number;
  readonly findings: readonly Finding[];
  /** The parts of a result that is not quiet as a whole, each by itself. */
  readonly segments?: readonly Segment[];
  readonly result: JsonObject;
};

/** How far one part of a result can be trusted. */
export type Segment = {
  /** JSON Pointer within the result. */
  readonly part: string;
  readonly verdict: Verdict;
  readonly score: number;
};

/** What the agent gets. */
export type Reply = { readonly result: JsonObject; readonly scanned: Scanned };

type Proofs = {
  Permit: Permit;
  Grant: Grant;
  RawResult: RawResult;
  Output: Output;
  Scanned: Scanned;
};
type Bare<T> = { readonly [K in keyof T as K extends symbol ? never : K]: T[K] };

const issuedProofs = new WeakMap<object, keyof Proofs>();

/** Makes a proof. Each kind is called from one stage alone; the layering test counts the callers. */
export function issue<K extends keyof Proofs>(kind: K, parts: Bare<Proofs[K]>): Proofs[K] {
  const proof = Object.freeze({ ...parts });
  issuedProofs.set(proof, kind);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that may say so
  return proof as unknown as Proofs[K];
}

/** Spends a proof, once. A cast satisfies the compiler but not this; a replay fails here. */
export function spend<K extends keyof Proofs>(kind: K, proof: Proofs[K]): Proofs[K] {
  if (issuedProofs.get(proof) !== kind)
    throw new TypeError(`Cannot use a ${kind}: it was not issued, or it is already spent`);
  issuedProofs.delete(proof);
  return proof;
}

export type { JsonObject };
