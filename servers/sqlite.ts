import sqlite from 'node-sqlite3-wasm';

export const { Database } = sqlite;
export type Database = InstanceType<typeof sqlite.Database>;

/** A text to bind. The library hands texts over as C does: of one with a NUL the database would see the beginning. */
export function text(value: string): string {
  if (value.includes('\0')) throw new TypeError('Cannot bind a text with a NUL');
  return value;
}
