import { resolve } from 'node:path';

import type { Config, HttpIdentity, ServerConfig, StdioIdentity } from './config.ts';
import type { OwnClient } from '../identity/token-endpoint.ts';
import { stateHome, type Machine } from './places.ts';
import type { Settings } from './schema.ts';
import { secretsIn } from './secrets.ts';
import { MINUTE } from './values.ts';

/** A process that has a person's secret does not lie about for longer than it is used. */
const OWN_IDLE_MS = 30 * MINUTE;

type WrittenClient = NonNullable<NonNullable<Settings['identity']['http']>['client']>;

export type ResolveOptions = {
  readonly settings: Settings;
  readonly secrets: readonly string[];
  readonly file: string | undefined;
  readonly folder: string;
  readonly machine: Machine;
  readonly userName: string;
};

/** Makes every path absolute (from the folder of the file; `~` is the home) and freezes the whole. */
export function resolveSettings(options: ResolveOptions): Config {
  const { settings, secrets, file, folder, machine, userName } = options;
  const path = (written: string): string => {
    const local = /^~(?=$|[/\\])/u.test(written) ? `${machine.home}${written.slice(1)}` : written;
    return resolve(folder, local);
  };
  const state = settings.state.path === undefined ? stateHome(machine) : path(settings.state.path);
  // Without a prototype `mcpServers['constructor']` is what it says: no server.
  const servers: Record<string, ServerConfig> = Object.create(null);
  for (const [name, entry] of Object.entries(settings.mcpServers))
    servers[name] = serverConfig(name, entry);

  return deepFreeze({
    ...(file === undefined ? {} : { file }),
    folder,
    mcpServers: servers,
    ...(settings.plans ? { plans: settings.plans } : {}),
    builtin: settings.builtin.code ? { code: settings.builtin.code } : {},
    identity: {
      stdio: stdioIdentity(),
      ...(settings.identity.http ? { http: httpIdentity(settings.identity.http) } : {}),
    },
    policy: policyConfig(),
    catalogue: { ...settings.catalogue, lock: path(settings.catalogue.lock) },
    scan: settings.scan,
    sandbox: settings.sandbox,
    state: { path: state },
    audit: {
      path: settings.audit.path === undefined ? resolve(state, 'audit') : path(settings.audit.path),
      arguments: settings.audit.arguments,
    },
    kill: settings.kill.file === undefined ? {} : { file: path(settings.kill.file) },
    telemetry: settings.telemetry,
    http: settings.http,
    limits: settings.limits,
    secrets,
  });

  function serverConfig(name: string, entry: Settings['mcpServers'][string]): ServerConfig {
    const { shared: lent, secret: own } = entry.auth ?? {};
    const idleMs = entry.idleMs ?? (own && OWN_IDLE_MS);
    const common = {
      name,
      ...(lent
        ? { shared: { classes: lent.classes, secrets: secretsIn([lent.headers, lent.env]) } }
        : {}),
      ...(entry.handles ? { handles: entry.handles } : {}),
      timeoutMs: entry.timeoutMs ?? settings.limits.callTimeoutMs,
      disabled: entry.disabled,
    };
    if (entry.url !== undefined)
      return {
        kind: 'http',
        ...common,
        url: entry.url,
        sse: entry.type === 'sse',
        headers: { ...entry.headers, ...lent?.headers },
        ...(entry.auth?.exchange ? { exchange: entry.auth.exchange } : {}),
        ...(entry.auth?.enterprise
          ? {
              enterprise: {
                ...entry.auth.enterprise,
                client: clientOf(entry.auth.enterprise.client),
              },
            }
          : {}),
        ...(lent?.token
          ? { ownToken: { ...lent.token, client: clientOf(lent.token.client) } }
          : {}),
        ...(entry.auth?.login ? { login: entry.auth.login } : {}),
        ...(own?.header === undefined ? {} : { secretIn: own.header }),
      };
    const command = entry.command ?? '';
    const given = {
      kind: 'stdio',
      ...common,
      args: entry.args ?? [],
      env: { ...entry.env, ...lent?.env },
      ...(own?.env === undefined ? {} : { secretIn: own.env }),
      ...(idleMs === undefined ? {} : { idleMs }),
    } as const;
    const { sandbox } = entry;
    if (sandbox)
      // Command and folder are those inside: nothing of the host stands for them.
      return {
        ...given,
        command,
        ...(entry.cwd === undefined ? {} : { cwd: entry.cwd }),
        sandbox: {
          ...sandbox,
          mounts: sandbox.mounts.map((mount) => ({ ...mount, host: path(mount.host) })),
        },
      };
    return {
      ...given,
      // A bare name is looked up on PATH; with a slash it is a file.
      command: /[/\\]/u.test(command) ? path(command) : command,
      ...(entry.cwd === undefined ? {} : { cwd: path(entry.cwd) }),
    };
  }

  function stdioIdentity(): StdioIdentity {
    const written = settings.identity.stdio;
    const {
      user = userName,
      groups = [],
      token,
      tokenFile,
      issuer,
      audience,
      jwks,
    } = written ?? {};
    const shown = token === undefined ? tokenFile && { tokenFile: path(tokenFile) } : { token };
    if (!written || !shown) return { kind: 'user', user, groups };
    if (issuer === undefined || audience === undefined || jwks === undefined)
      throw new TypeError('Cannot resolve identity.stdio: the schema lets no such token pass');
    const { groupsClaim, algorithms, clockToleranceS } = written;
    const rules = { groupsClaim, algorithms, clockToleranceS };
    return {
      kind: 'token',
      ...shown,
      issuer,
      audience,
      jwks: keySource(jwks),
      ...rules,
      ...ownClient(written.client),
    };
  }

  function httpIdentity({
    jwks,
    client,
    ...rest
  }: NonNullable<Settings['identity']['http']>): HttpIdentity {
    return {
      ...rest,
      ...(jwks === undefined ? {} : { jwks: keySource(jwks) }),
      ...ownClient(client),
    };
  }

  function ownClient(written: WrittenClient | undefined): {
    readonly client?: OwnClient;
  } {
    return written ? { client: clientOf(written) } : {};
  }

  function clientOf({ id, secret, key = '' }: WrittenClient): OwnClient {
    return secret === undefined ? { id, key: path(key) } : { id, secret };
  }

  function policyConfig(): Config['policy'] {
    const { path: own = [], bundle, keys = [], threshold = 1, name } = settings.policy;
    const { mode, shadow = [] } = settings.policy;
    return {
      path: [own].flat().map(path),
      ...(bundle !== undefined && {
        bundle: {
          path: path(bundle),
          keys: keys.map(path),
          threshold,
          ...(name === undefined ? {} : { name }),
        },
      }),
      shadow: [shadow].flat().map(path),
      mode,
      zones: Object.fromEntries(
        Object.entries(settings.policy.zones).map(([zone, folders]) => [zone, folders.map(path)]),
      ),
      trustedHosts: settings.policy.trustedHosts,
    };
  }

  function keySource(written: string): string {
    return /^https?:/iu.test(written) ? written : path(written);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
