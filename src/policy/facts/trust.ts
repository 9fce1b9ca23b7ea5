import type { Call } from '../../call.ts';

/** Whether all that a call sends goes to hosts that the owner trusts. */
export type Trusts = (about: Pick<Call, 'subject' | 'args'>) => boolean;

/** The fact, as a path in the context. */
export const TO_TRUSTED = 'facts.toTrustedHosts';

type About = Pick<Call, 'subject' | 'args' | 'toTrusted'>;

/** Nobody is trusted where no host is, and without a call. */
export function isToTrusted(about: About | undefined, trusts: Trusts | undefined): boolean {
  return about !== undefined && (about.toTrusted ?? trusts?.(about) ?? false);
}

/** The facts of policies that look for no others. */
export function createTrustOf(
  trusts: Trusts | undefined,
): (about: About | undefined) => { readonly toTrustedHosts: boolean } {
  return (about) => ({
    get toTrustedHosts() {
      return isToTrusted(about, trusts);
    },
  });
}
