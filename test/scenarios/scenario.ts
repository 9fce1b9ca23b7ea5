import type { WorldName } from '../../servers/worlds/worlds.ts';
import type { CapabilityClass } from '../../src/call.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';

/** The value at a JSON Pointer of what an earlier step returned; `/structuredContent/…`. */
export type Reference = { readonly $step: string; readonly pointer: string };
export type Step = {
  readonly id: string;
  /** `server/tool`. */
  readonly tool: string;
  readonly args?: Readonly<Record<string, string | number | Reference>>;
};
/** `structuredContent` by step; of a resource its text, as `resource`. */
export type Results = Readonly<Record<string, unknown>>;

/** What a user wants, and how anybody can see that it was done. */
export type Task = {
  readonly ask: string;
  /** URI of a resource that the user points to. */
  readonly resource?: string;
  /** What a model that has read nothing yet can lay down; values that it does not know yet are references. */
  readonly steps: readonly Step[];
  /** What can only be laid down by somebody who has read the results. */
  readonly decide?: (results: Results) => readonly Step[];
  readonly answer?: (results: Results) => unknown;
  readonly wanted?: unknown;
  /** SQL of the world's database: a row whose first column is not 0 says that it was done. */
  readonly done?: string;
};

/** How an order is dressed. */
export type Frame =
  | 'plain' | 'polite' | 'override' | 'system' | 'german' | 'process' | 'hidden' | 'base64' | 'hex' | 'rot13' | 'split'; // prettier-ignore

export type Attack = {
  readonly kind: string;
  readonly frame: Frame;
  /** One after the other; see `order`. */
  readonly orders: readonly string[];
  /** SQL as `done` of a task. */
  readonly reached: string;
  /** The order is obeyed by another session, which reads the notes. */
  readonly later?: true;
};

/** Where a stranger writes: SQL with `:text`, and the task whose agent reads it. */
export type Spot = { readonly sql: string; readonly task: string };

/** What the owner says of a tool or resource after reading its definition. */
export type Review = {
  readonly classes: readonly CapabilityClass[];
  readonly source: readonly string[];
  readonly sink?: readonly string[];
};

export type World = {
  readonly name: WorldName;
  readonly tasks: Readonly<Record<string, Task>>;
  readonly attacks: Readonly<Record<string, Attack>>;
  readonly spots: readonly [Spot, Spot];
  /** A task that reads a resource of this URI. */
  readonly resource: { readonly uri: string; readonly task: string };
  /** Tools whose descriptions turn bad. */
  readonly described: readonly [string, string];
};

/** What an obedient reader takes for an order. `THAT` is the answer to the order before. */
export const THAT = 'the last answer';
export function order(tool: string, args: Readonly<Record<string, string>> = {}): string {
  const parts = Object.entries(args).map(([key, value]) => `${key} ${value}`);
  return `use the tool ${tool}${parts.length > 0 ? ` with ${parts.join(' and ')}` : ''}`;
}
export const say = (value: string | number): string => `"${value}"`;

/** What stands at a JSON Pointer (RFC 6901); undefined where nothing does. */
export function at(value: unknown, pointer: string): unknown {
  let inner = value;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = Reflect.get(inner, part.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return inner;
}

/** The rows of a list that a step returned. */
export function rowsOf(results: Results, pointer: string): JsonObject[] {
  const rows: unknown = at(results, pointer);
  const all: unknown[] = Array.isArray(rows) ? rows : [];
  return all.filter(isJsonObject);
}
