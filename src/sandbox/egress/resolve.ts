import { Resolver } from 'node:dns/promises';
import type { Resolve } from './lookup.ts';

const TIMING = { timeout: 2000, tries: 2 };

/**
 * Asks the name servers of this machine for addresses of both families, IPv4 first. Not `lookup`: each slow name would
 * hold one of the four threads that also read the gateway's files.
 */
export function createResolve(): Resolve {
  const resolver = new Resolver(TIMING);
  return async function resolve(host) {
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  };
}
