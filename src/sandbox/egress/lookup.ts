import { EgressRefusal } from './refusal.ts';
import type { IsPublic } from './public-address.ts';

/** Every address of a name, of both families; rejects where there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const MAX_ADDRESSES = 32;

/**
 * The addresses to connect to, each of them checked. One that is not public refuses the whole name: whoever answers for
 * it could mix in the metadata service and hope to be tried second.
 */
export async function lookUp(
  host: string,
  { resolve, isPublic }: { readonly resolve: Resolve; readonly isPublic: IsPublic },
  mayBePrivate = false,
): Promise<readonly string[]> {
  let found: readonly string[];
  try {
    found = await resolve(host);
  } catch (cause) {
    throw new EgressRefusal('unresolved', `${host} has no address`, { cause });
  }
  if (found.length === 0 || found.length > MAX_ADDRESSES)
    throw new EgressRefusal('unresolved', `${host} has no address`);
  const wrong = found.find((address) => !isPublic(address, mayBePrivate));
  if (wrong !== undefined)
    throw new EgressRefusal(
      'address-not-public',
      mayBePrivate
        ? `${host} leads to an address that is never connected to`
        : `${host} leads to an address that is not public`,
    );
  return found;
}
