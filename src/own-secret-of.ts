import { statSync } from 'node:fs';
import type { Log } from './audit/log.ts';
import type { Config, ServerConfig } from './config/config.ts';
import { createOwnSecret, type OwnSecret } from './identity/own-secret.ts';
import { createVault, vaultKey } from './identity/vault.ts';
import { stateLayout } from './state/layout.ts';

export type OwnSecretOfOptions = {
  readonly config: Pick<Config, 'state'>;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Pick<Log, 'warn'>;
};

/** Secrets that people have given for one server, and another `version` whenever one of the vault may have changed. */
export function ownSecretOf(
  server: ServerConfig,
  { config, env, log }: OwnSecretOfOptions,
): { readonly own: OwnSecret; readonly version: () => string } {
  const path = stateLayout(config.state.path).vault;
  const version = (): string => {
    const { ino = 0, mtimeMs = 0, size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
    return `${ino} ${mtimeMs} ${size}`;
  };
  return {
    version,
    own: createOwnSecret({
      server: server.name,
      place: placeOf(server),
      version,
      vault: () => createVault(path, vaultKey(env)),
      onTrouble: (thrown) => log.warn(thrown, 'vault'),
    }),
  };
}

/** Where a secret goes: what was given for one address is not sent to another that comes in its place. */
export function placeOf(server: ServerConfig): string {
  return server.kind === 'http' ? new URL(server.url).href : `${server.secretIn} of a process`;
}
