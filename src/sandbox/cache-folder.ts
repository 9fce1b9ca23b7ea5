import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { Denial } from '../denial.ts';
import { Fault } from '../lib/fault.ts';
import { makePrivateFolder } from '../state/private-file.ts';

/** `$XDG_CACHE_HOME/sallyport`, by default `~/.cache/sallyport`: what may be deleted at any time. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const named = env['XDG_CACHE_HOME'];
  // The XDG base directory specification tells us to ignore relative values.
  const home = named !== undefined && isAbsolute(named) ? named : join(homedir(), '.cache');
  return join(home, 'sallyport');
}

/**
 * Sees to it that a folder right below the cache, and the cache, are this user's alone: what is in it runs, and its digest
 * lies beside it. Makes them if need be. Throws `sandbox-unavailable`.
 */
export function ownCache(folder: string): string {
  try {
    makePrivateFolder(dirname(folder));
    makePrivateFolder(folder);
    return folder;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Denial('sandbox-unavailable', cause.message, {
      hint: 'remove it, what it holds is made again; or let XDG_CACHE_HOME name a folder of this user',
      cause,
    });
  }
}
