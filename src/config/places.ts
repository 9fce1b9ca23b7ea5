import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Whose folders: everything that decides where a program keeps its files. */
export type Machine = {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
};

/** The machine as `env` describes it; the account's own home where it says nothing. */
export function machineOf(env: NodeJS.ProcessEnv): Machine {
  const home = process.platform === 'win32' ? env['USERPROFILE'] : env['HOME'];
  return { env, platform: process.platform, home: absolute(home) ?? homedir() };
}

/** `$XDG_CONFIG_HOME/sallyport`, by default `~/.config/sallyport`; on Windows below `%APPDATA%`. */
export function configHome({ env, platform, home }: Machine): string {
  if (platform === 'win32') return join(roaming(env, home), 'sallyport');
  return join(absolute(env['XDG_CONFIG_HOME']) ?? join(home, '.config'), 'sallyport');
}

/** `$XDG_STATE_HOME/sallyport`, by default `~/.local/state/sallyport`; on Windows below `%LOCALAPPDATA%`. */
export function stateHome({ env, platform, home }: Machine): string {
  if (platform === 'win32')
    return join(
      absolute(env['LOCALAPPDATA']) ?? join(home, 'AppData', 'Local'),
      'sallyport',
      'state',
    );
  return join(absolute(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), 'sallyport');
}

/** Where Windows programs keep what follows the user. */
export function roaming(env: NodeJS.ProcessEnv, home: string): string {
  return absolute(env['APPDATA']) ?? join(home, 'AppData', 'Roaming');
}

/** The XDG base directory specification tells us to ignore relative values. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
