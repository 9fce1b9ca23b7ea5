import type { Config } from '../config/config.ts';
import { createConfig, loadConfig } from '../config/load.ts';
import { Fault } from '../lib/fault.ts';
import type { Io } from './command.ts';

/**
 * The configuration at `path`, or the one that is found. A gateway without a file (`wrap`) has the defaults; where
 * `isNeeded` is false, one that cannot be read is none. One that was named has to be there.
 */
export async function configOf(path: string | undefined, io: Io, isNeeded = true): Promise<Config> {
  try {
    return await loadConfig({ ...(path !== undefined && { path }), env: io.env, cwd: io.cwd });
  } catch (thrown) {
    const none =
      thrown instanceof Fault && thrown.message.startsWith('Cannot find a configuration');
    if (path === undefined && (none || !isNeeded))
      return createConfig({}, { folder: io.cwd, env: io.env });
    throw thrown;
  }
}
