import { dirname, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { stateLayout } from '../../state/layout.ts';
import type { Io } from '../command.ts';
import { configOf } from '../config-of.ts';

export type Places = {
  readonly folder: string;
  readonly keyPath: string;
  readonly config: Config;
};

/** Where the folder is, and the key that belongs to it: of the configuration if that was named, else beside it. */
export async function places(
  named: { readonly path?: string | undefined; readonly config?: string | undefined },
  io: Io,
): Promise<Places> {
  const config = await configOf(named.config, io, named.path === undefined);
  if (named.path === undefined)
    return { folder: config.audit.path, keyPath: stateLayout(config.state.path).auditKey, config };
  const folder = resolve(io.cwd, named.path);
  const own = named.config !== undefined || folder === config.audit.path;
  const { auditKey } = stateLayout(own ? config.state.path : dirname(folder));
  return { folder, keyPath: auditKey, config };
}
