import type { Label } from '../call.ts';
import type { Lock } from './lock.ts';

/**
 * What a server logs and asks by itself carries. Nobody has reviewed it, so it may be anybody's text, unless all that the
 * server offers is reviewed and brings nobody's.
 */
export function speechOf(lock: Pick<Lock, 'rows'>, server: string): readonly Label[] {
  const rows = lock.rows(server);
  const isOwn = rows.every(({ entry }) => entry.reviewed && !entry.source.includes('untrusted'));
  return isOwn && rows.length > 0 ? [] : ['untrusted'];
}
