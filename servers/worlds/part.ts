import { z } from 'zod';
import { text, type Database } from '../sqlite.ts';

export type Values = Readonly<Record<string, string | number>>;

/** One tool: SQL behind a schema. What is given is bound as a value and never read as SQL. */
export type Tool = {
  readonly description: string;
  readonly input: z.ZodRawShape;
  readonly output: z.ZodRawShape;
  readonly run: (database: Database, args: Values) => Record<string, unknown>;
};

/** One server of a world. */
export type Part = {
  /** Its tables and what is in them. */
  readonly sql: string;
  readonly tools: Readonly<Record<string, Tool>>;
  /** Resources by URI, with their first text. */
  readonly resources: Readonly<Record<string, string>>;
};

type Said = Pick<Tool, 'description'> & { readonly input?: z.ZodRawShape };

/** A tool that answers with rows, as `{ [name]: [...] }`. */
export function lists(
  { description, input = {} }: Said,
  name: string,
  row: z.ZodRawShape,
  sql: string,
): Tool {
  return {
    description,
    input,
    output: { [name]: z.array(z.strictObject(row)) },
    run: (database, args) => ({ [name]: database.all(sql, bound(args)) }),
  };
}

/** A tool that answers with one row; where there is none, with an error. */
export function gets({ description, input = {} }: Said, row: z.ZodRawShape, sql: string): Tool {
  return {
    description,
    input,
    output: row,
    run(database, args) {
      const found = database.get(sql, bound(args));
      if (found === null) throw new Error('Cannot find it');
      return { ...found };
    },
  };
}

/** A tool that changes something, and says how many rows. */
export function changes({ description, input = {} }: Said, sql: string): Tool {
  return {
    description,
    input,
    output: { changed: z.int() },
    run: (database, args) => ({ changed: database.run(sql, bound(args)).changes }),
  };
}

function bound(args: Values): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      `:${key}`,
      typeof value === 'string' ? text(value) : value,
    ]),
  );
}
