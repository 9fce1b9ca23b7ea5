import * as z from 'zod';

/** Milliseconds. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export const text = z
  .string()
  .refine((value) => !value.includes('\0'), { error: 'it holds a NUL character' });
export const word = text.min(1, { error: 'it is empty' });
export const integer = (min: number, max: number): z.ZodInt => z.int().min(min).max(max);

/** Variables of a process. */
export const variableMap = z.record(
  z.string().regex(/^[^=\0]+$/u, { error: 'it is no name for a variable' }),
  text,
);

export const headerMap = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u, { error: 'it is no header name' }),
  text.regex(/^[^\r\n]*$/u, { error: 'a header has one line' }),
);
