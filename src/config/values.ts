import * as z from 'zod';

/** Milliseconds. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export const text = z
  .string()
  .refine((value) => !value.includes('\0'), { error: 'it holds a NUL character' });
export const word = text.min(1, { error: 'it is empty' });
export const integer = (min: number, max: number): z.ZodInt => z.int().min(min).max(max);
