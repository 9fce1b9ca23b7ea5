import * as z from 'zod';
import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import { isJsonObject, parseJson, type JsonObject } from '../lib/json.ts';
import type { Authorize } from '../wire/http-upstream/authorize.ts';
import { SECRET_METHODS } from './client-authentication.ts';
import { isResource } from './discover-upstream.ts';
import type { Login } from './sign-in.ts';
import type { Vault } from './vault.ts';

const loginSchema = z.strictObject({
  issuer: z.string(),
  tokenEndpoint: z.string(),
  resource: z.string(),
  client: z.strictObject({
    id: z.string(),
    secret: z.string().optional(),
    method: z.enum(SECRET_METHODS).optional(),
  }),
  scopes: z.array(z.string()),
  accessToken: z.string(),
  expires: z.number(),
  refreshToken: z.string().optional(),
  refreshed: z.number().optional(),
  wanted: z.array(z.string()).optional(),
});

/** A token is not used in its last half minute. */
const LAST_MS = 30_000;
/** A token that was refreshed just now was refused for another reason than its age. */
const FRESH_MS = 5000;
/** The vault is read again after this long: `sallyport login` changes it beside a gateway that runs. */
const REREAD_MS = 2000;
/** A server that asks for ever more must not fill the vault. */
const MAX_WANTED = 32;

export type VaultedOptions = {
  readonly server: string;
  /** What a credential has to be for: one for another place is none. */
  readonly resource: URL;
  /** What the owner lets people be asked for; absent: what the server asks for. */
  readonly scopes?: readonly string[] | undefined;
  readonly vault: () => Pick<Vault, 'read' | 'change'>;
  readonly refresh: (login: Login) => Promise<Login>;
  readonly now: () => number;
};

/** What is kept of a sign-in, as the vault keeps it. */
export function writeLogin(login: Login): JsonObject {
  const written = parseJson(Buffer.from(JSON.stringify(login)), { maxBytes: 1 << 20, maxDepth: 8 });
  if (!isJsonObject(written)) throw new TypeError('Cannot keep the sign-in: it is no object');
  return written;
}

/** What the vault keeps of a sign-in; nothing of what is none, such as a secret that was kept for the same server before. */
export function readLogin(entry: unknown): Login | undefined {
  return loginSchema.safeParse(entry).data;
}

/** The user's own credential at one server, refreshed when it is about to expire or was refused. */
export function createVaulted(options: VaultedOptions): (who: () => Caller) => Authorize {
  const { server, resource, vault, refresh, now } = options;
  const known = new Map<string, { readonly login: Login; readonly read: number }>();
  /** By user and what was refused: whoever asks meanwhile waits for the same. */
  const asked = new Map<string, Promise<Login>>();

  const failed = `Cannot complete the call: ${server} wants a scope`;

  function none(): Denial {
    return new Denial('upstream-failed', `Cannot ask ${server}: you have not signed in there`, {
      hint: `sallyport login ${server}`,
    });
  }

  function isGood(login: Login, refused: string | undefined): boolean {
    const age = now() - (login.refreshed ?? -Infinity);
    // A server that refuses every token must not become a flood at its issuer.
    if (age >= 0 && age < FRESH_MS) return true;
    return login.accessToken !== refused && login.expires - LAST_MS > now();
  }

  async function find({ issuer, subject }: Caller, refused: string | undefined): Promise<Login> {
    const owner = { issuer, subject, server };
    const login = readLogin(await vault().read(owner));
    if (login === undefined || !isResource(login.resource, resource)) throw none();
    if (isGood(login, refused)) return login;
    // Another process may have refreshed it while this one waited, and a refresh token is good once.
    const after = await vault().change(owner, async (before) => {
      const present = readLogin(before);
      if (before === undefined || present === undefined) throw none();
      if (isGood(present, refused)) return before;
      return writeLogin({ ...(await refresh(present)), refreshed: now() });
    });
    const fresh = readLogin(after);
    if (fresh === undefined) throw none();
    return fresh;
  }

  /** Keeps what the next sign-in has to ask for as well. */
  async function want({ issuer, subject }: Caller, scopes: readonly string[]): Promise<void> {
    const owner = { issuer, subject, server };
    const login = readLogin(await vault().read(owner));
    if (!login || withWanted(login, scopes) === login) return;
    await vault().change(owner, async (before) => {
      const present = readLogin(before);
      return await Promise.resolve(present ? writeLogin(withWanted(present, scopes)) : before);
    });
  }

  async function get(caller: Caller, refused?: string): Promise<Login> {
    const key = keyOf(caller);
    const before = known.get(key);
    if (before && now() - before.read < REREAD_MS && isGood(before.login, refused))
      return before.login;
    const same = `${key} ${refused ?? ''}`;
    const waiting = asked.get(same) ?? find(caller, refused).finally(() => asked.delete(same));
    asked.set(same, waiting);
    try {
      const login = await waiting;
      known.set(key, { login, read: now() });
      return login;
    } catch (cause) {
      known.delete(key);
      if (cause instanceof Denial) throw cause;
      // An issuer's words may quote a token, and a Fault's say where the vault is: neither is for who asks.
      throw new Denial(
        'upstream-failed',
        `Cannot ask ${server}: your sign-in there cannot be used`,
        { cause, hint: `sallyport login ${server}` },
      );
    }
  }

  return function authorize(who) {
    return {
      token: async () => (await get(who())).accessToken,
      async renew(refused) {
        return (await get(who(), refused)).accessToken !== refused;
      },
      async missing(scopes, caller = who()) {
        // Whoever does as the hint says is served at once.
        known.delete(keyOf(caller));
        if (options.scopes)
          return new Denial('upstream-failed', `${failed}: it is not asked for`, {
            hint: 'the owner of the gateway names scopes in auth.login.scopes of that server',
          });
        // The words of a server are for the person who signs in, and no advice for a model, nor for a shell.
        await want(caller, scopes).catch(() => undefined);
        return new Denial('upstream-failed', `${failed}: you have not granted it`, {
          hint: `sallyport login ${server}`,
        });
      },
    };
  };
}

/** The same, where there is nothing new in it. */
function withWanted(login: Login, scopes: readonly string[]): Login {
  const before = login.wanted ?? [];
  const wanted = [...new Set([...before, ...scopes])].slice(0, MAX_WANTED);
  return wanted.length === before.length ? login : { ...login, wanted };
}

function keyOf({ issuer, subject }: Caller): string {
  return JSON.stringify([issuer, subject]);
}
