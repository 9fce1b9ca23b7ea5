import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import { Fault } from './fault.ts';
import { JsonError, parseJson } from './json.ts';

/** A JSON file of another program, as `shape`. Throws a `Fault` that says what is wrong with it; `otherwise` names a wrong shape. */
export function readJson<T>(file: string, shape: z.ZodType<T>, otherwise: string): T {
  try {
    return shape.parse(parseJson(readFileSync(file), { maxBytes: 4 * 1024 * 1024, maxDepth: 64 }));
  } catch (cause) {
    const why =
      cause instanceof JsonError
        ? cause.message
        : cause instanceof Error && 'code' in cause
          ? String(cause.code)
          : otherwise;
    throw new Fault(`Cannot read ${file}: ${why}`, { cause });
  }
}
