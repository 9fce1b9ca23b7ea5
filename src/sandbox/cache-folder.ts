import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** `$XDG_CACHE_HOME/sallyport`, by default `~/.cache/sallyport`: what may be deleted at any time. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const named = env['XDG_CACHE_HOME'];
  // The XDG base directory specification tells us to ignore relative values.
  const home = named !== undefined && isAbsolute(named) ? named : join(homedir(), '.cache');
  return join(home, 'sallyport');
}
