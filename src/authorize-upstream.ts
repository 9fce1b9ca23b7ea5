import type { Log } from './audit/log.ts';
import type { Caller } from './call.ts';
import type { Config, HttpServerConfig } from './config/config.ts';
import { Denial } from './denial.ts';
import type { Who } from './gate.ts';
import { createExchanged } from './identity/exchanged.ts';
import { createFetchGuarded } from './identity/fetch-guarded.ts';
import type { Issued } from './identity/issued.ts';
import { createSecretHeader } from './identity/own-secret.ts';
import { createOwnToken } from './identity/own-token.ts';
import type { SubjectTokens } from './identity/subject-tokens.ts';
import type { OwnClient } from './identity/token-endpoint.ts';
import type { TokenExchangeOptions } from './identity/token-exchange.ts';
import { createVault, vaultKey } from './identity/vault.ts';
import { createVaulted } from './identity/vaulted.ts';
import { ownSecretOf } from './own-secret-of.ts';
import { stateLayout } from './state/layout.ts';
import type { Authorize } from './wire/http-upstream/authorize.ts';

export type AuthorizeUpstreamOptions = {
  readonly config: Pick<Config, 'identity' | 'state'>;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Pick<Log, 'warn'>;
  readonly subjects?: Omit<SubjectTokens, 'keep'>;
};

/** How one server is shown who asks; absent: it is not. */
export function authorizeOf(
  upstream: HttpServerConfig,
  { config, env, subjects, log }: AuthorizeUpstreamOptions,
): ((who: Who) => Authorize) | undefined {
  const { name: server, url, enterprise, exchange, login, ownToken, secretIn: header } = upstream;
  if (header !== undefined)
    return createSecretHeader({ server, header }, ownSecretOf(upstream, { config, env, log }).own);
  if (login) {
    const fetchGuarded = createFetchGuarded({ server: new URL(url) });
    return createVaulted({
      server,
      resource: new URL(login.resource ?? url),
      scopes: login.scopes,
      vault: () => createVault(stateLayout(config.state.path).vault, vaultKey(env)),
      now: Date.now,
      refresh: async (kept) =>
        (await import('./identity/sign-in.ts')).refreshLogin(kept, fetchGuarded),
    });
  }
  if (ownToken) {
    const { issuer, client, resource = url, scopes } = ownToken;
    const options = { issuer, client, audiences: audiencesOf(config), fetch, now: Date.now };
    let credentials: Promise<() => Promise<Issued>> | undefined;
    return createOwnToken({
      server,
      now: Date.now,
      async ask() {
        credentials ??= import('./identity/client-credentials.ts').then((loaded) =>
          loaded.createClientCredentials(options, { server, resource, scopes }),
        );
        return await (
          await credentials
        )();
      },
    });
  }
  const common = {
    subjects: subjects ?? { of: () => undefined, drop: () => undefined },
    now: Date.now,
  };
  if (enterprise) {
    const { issuer, client, resource = url, ...rest } = enterprise;
    const target = { server, ...rest, resource, own: { issuer, client } };
    const exchanges = perIssuer(config, async (idp) => {
      const { createEnterpriseExchange } = await import('./identity/id-jag.ts');
      return createEnterpriseExchange(idp, target);
    });
    return createExchanged({
      ...common,
      target: { ...target, setting: 'enterprise' },
      exchange: async (caller, token) => await (await exchanges(server, caller))(token),
    });
  }
  if (!exchange) return undefined;
  const target = { server, ...exchange };
  const exchanges = perIssuer(config, async (idp) => {
    const { createTokenExchange } = await import('./identity/token-exchange.ts');
    return createTokenExchange(idp);
  });
  return createExchanged({
    ...common,
    target: { ...target, setting: 'exchange' },
    exchange: async (caller, token) => await (await exchanges(server, caller))(token, target),
  });
}

/**
 * The issuer of a caller is the one that is asked, with what the gateway is known by there and nowhere else. `make` loads
 * what most starts do not need: the client library, and what it signs with.
 */
function perIssuer<Exchange>(
  { identity }: Pick<Config, 'identity'>,
  make: (idp: TokenExchangeOptions) => Promise<Exchange>,
): (server: string, caller: Caller) => Promise<Exchange> {
  const clients = new Map<string, OwnClient>();
  for (const side of [identity.http, identity.stdio])
    if (side && 'issuer' in side && side.client && !clients.has(side.issuer))
      clients.set(side.issuer, side.client);
  const audiences = audiencesOf({ identity });
  const made = new Map<string, Promise<Exchange>>();
  return async function exchangeOf(server, { issuer }) {
    const client = clients.get(issuer);
    if (!client)
      throw new Denial(
        'upstream-failed',
        `Cannot get a credential for ${server}: the gateway is no client of the caller’s issuer`,
      );
    const exchange = made.get(issuer) ?? make({ issuer, client, audiences, fetch, now: Date.now });
    made.set(issuer, exchange);
    return await exchange;
  };
}

/** What this gateway is as a resource. */
function audiencesOf({ identity }: Pick<Config, 'identity'>): readonly string[] {
  return [identity.http, identity.stdio].flatMap((side) =>
    side && 'audience' in side ? [side.audience] : [],
  );
}
