import { userInfo } from 'node:os';

/** The account that this process runs under; `uid-N` where the system has no name for it, as in many containers. */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 0}`;
  }
}
