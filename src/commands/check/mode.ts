import { stat } from 'node:fs/promises';

/** Permission bits of everybody but the owner. */
export const OTHERS = { read: 0o044, write: 0o022, any: 0o077 } as const;

export async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}
