import { randomBytes, randomUUID } from 'node:crypto';

/** Of delimiters: no text can have guessed it. */
export function nonce(): string {
  return randomBytes(9).toString('base64url');
}

/** 122 random bits; Node draws those of UUIDs for many at once. */
export function newTraceId(): string {
  return randomUUID().replaceAll('-', '');
}
