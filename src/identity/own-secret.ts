import * as z from 'zod';
import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Authorize } from '../wire/http-upstream/authorize.ts';
import type { Vault } from './vault.ts';

const MAX_KNOWN = 1000;

const entrySchema = z.strictObject({ secret: z.string(), place: z.string() });

/** An entry of the vault: a secret of one user, and the place it is for. */
export function writeSecret(secret: string, place: string): JsonObject {
  return { secret, place };
}

export type OwnSecretOptions = {
  readonly server: string;
  /** What it is shown to, as the configuration has it: a secret that was given for another place is none. */
  readonly place: string;
  readonly vault: () => Pick<Vault, 'read'>;
  /** Another text whenever the vault may have changed. */
  readonly version: () => string;
  /** Takes what users are not told. */
  readonly onTrouble: (thrown: unknown) => void;
};

/** The secret that a caller has given for one server with `sallyport login`. Throws `Denial` where there is none. */
export type OwnSecret = (caller: Pick<Caller, 'issuer' | 'subject'>) => Promise<string>;

export function createOwnSecret(options: OwnSecretOptions): OwnSecret {
  const { server, place, vault, version, onTrouble } = options;
  /** As they stood in the vault of `at`. */
  const known = new Map<string, string>();
  let at = '';

  return async function ownSecret({ issuer, subject }) {
    const now = version();
    if (now !== at || known.size >= MAX_KNOWN) known.clear();
    at = now;
    const key = JSON.stringify([issuer, subject]);
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = await read({ issuer, subject, server });
    if (found?.place === place) {
      if (at === now) known.set(key, found.secret);
      return found.secret;
    }
    throw new Denial(
      'upstream-failed',
      `Cannot ask ${server}: you have given it no secret of yours`,
      { hint: `sallyport login ${server}` },
    );
  };

  async function read(
    owner: Parameters<Vault['read']>[0],
  ): Promise<z.output<typeof entrySchema> | undefined> {
    try {
      const entry = await vault().read(owner);
      return entry && entrySchema.safeParse(entry).data;
    } catch (cause) {
      // Where the vault is and what is wrong with it is its owner's to know.
      onTrouble(cause);
      throw new Denial('upstream-failed', `Cannot ask ${server}: the vault cannot be opened`, {
        cause,
      });
    }
  }
}

/** Shows each person's secret to a server in `header`, as it is. */
export function createSecretHeader(
  { server, header }: { readonly server: string; readonly header: string },
  own: OwnSecret,
): (who: () => Caller) => Authorize {
  return (who) => ({
    header,
    token: async (caller = who()) => await own(caller),
    // Another one may have been given since.
    renew: async (refused, caller = who()) => (await own(caller)) !== refused,
    missing: () =>
      new Denial('upstream-failed', `Cannot complete the call: ${server} wants another secret`, {
        hint: `sallyport login ${server}`,
      }),
  });
}
