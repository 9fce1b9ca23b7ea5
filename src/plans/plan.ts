import type { JsonObject } from '../lib/json.ts';

/** A value of an earlier step's result, `{ "$step": "a", "pointer": "/structuredContent/id" }` in the arguments. */
export type Reference = {
  readonly step: string;
  /** Into the result of a `tools/call`. */
  readonly tokens: readonly string[];
  /** Where it stands in the arguments. */
  readonly at: readonly string[];
};

/** By the very object that stands for it: what a result brings can never be one. */
export type References = ReadonlyMap<JsonObject, Reference>;

export type Step = {
  readonly id: string;
  /** Where it stands among the steps that were submitted. */
  readonly at: number;
  /** As `tools/list` names it. */
  readonly tool: string;
  /** Frozen, references included. */
  readonly arguments: JsonObject;
  /** Steps that have to be done before: those that are named, and those that are referred to. */
  readonly needs: readonly string[];
  readonly maxRetries: number;
  /** The model is shown its result. */
  readonly reveal: boolean;
  readonly references: References;
};

/** A plan whose shape and graph are in order; nothing is said of its tools yet. */
export type Plan = {
  readonly purpose: string;
  readonly steps: readonly Step[];
  /** Steps on the longest way from first to last. */
  readonly depth: number;
};

/** `place` is a JSON Pointer into what was submitted. */
export type Problem = { readonly place: string; readonly what: string };

export type PlanLimits = {
  readonly maxSteps: number;
  readonly maxDepth: number;
  /** Of the whole plan as JSON, UTF-8. */
  readonly maxBytes: number;
};
