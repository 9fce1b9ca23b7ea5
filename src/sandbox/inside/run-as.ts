import { Fault } from '../../lib/fault.ts';
import { NOBODY as NOBODYS } from '../container.ts';
import type { PinnedMount } from './mounts.ts';

const NOBODY = `${NOBODYS}:${NOBODYS}`;

/** The account of this process; undefined where files have no owner (Windows). */
export type Account = { readonly uid: number; readonly gid: number } | undefined;

/**
 * Whose rights a server has inside, as `uid:gid`: those of the account that runs the gateway, so that it can read and write
 * what is mounted and files belong to whom they should. Where that is root, those of the owner of what is mounted. Never
 * root's. Without mounts nobody's. Throws a `Fault` where there is no such account.
 */
export function runAs(name: string, mounts: readonly PinnedMount[], account: Account): string {
  if (mounts.length === 0 || account === undefined) return NOBODY;
  if (account.uid !== 0) return `${account.uid}:${account.gid || account.uid}`;
  const writable = mounts.filter(({ readOnly }) => !readOnly);
  const roots = writable.find(({ uid }) => uid === 0);
  if (roots)
    throw new Fault(
      `Cannot use mcpServers.${name}.sandbox.mounts: ${roots.source} belongs to root, and no server runs as root`,
      { hint: 'give it to another account (chown), or mount it read-only' },
    );
  const owners = (writable.length > 0 ? writable : mounts).filter(({ uid }) => uid !== 0);
  const [first, ...others] = [...new Set(owners.map(({ uid, gid }) => `${uid}:${gid || uid}`))];
  if (others.length > 0 && writable.length > 0)
    throw new Fault(
      `Cannot use mcpServers.${name}.sandbox.mounts: what it may write belongs to several accounts (${first}, ${others.join(', ')})`,
      { hint: 'run one server for each' },
    );
  return first === undefined || others.length > 0 ? NOBODY : first;
}
