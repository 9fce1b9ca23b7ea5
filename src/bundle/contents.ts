import { parseLock } from '../catalogue/lock-file.ts';
import { readSandboxSettings, type SandboxSettings } from '../config/sandbox-settings.ts';
import { Fault } from '../lib/fault.ts';
import { PolicyFault, type Problem } from '../policy/problem.ts';
import { readSource, type Source } from '../policy/sources.ts';
import { BundleFault } from './bundle-fault.ts';

/** What the files of a bundle are, read. */
export type Contents = {
  /** In the order of their names. */
  readonly policies: readonly Source[];
  /** A lock file that parses, as it was signed. */
  readonly lock?: Buffer;
  readonly sandbox?: SandboxSettings;
};

export const BUNDLED_LOCK = 'sallyport.lock.json';
export const BUNDLED_SANDBOX = 'sandbox.json';

/**
 * Reads what is in a bundle; nothing of it is in force by that. Throws a `BundleFault`, also for a file that nothing would
 * read: it may be a misspelt guard.
 */
export function readContents(files: ReadonlyMap<string, Buffer>): Contents {
  const policies = readPolicies([...files].filter(([path]) => path.endsWith('.cedar')));
  for (const path of files.keys())
    if (!path.endsWith('.cedar') && path !== BUNDLED_LOCK && path !== BUNDLED_SANDBOX)
      throw new BundleFault('malformed', `nothing would read ${path}`, {
        hint: `a bundle has .cedar files, and may have a ${BUNDLED_LOCK} and a ${BUNDLED_SANDBOX}`,
      });
  const lock = files.get(BUNDLED_LOCK);
  const sandbox = files.get(BUNDLED_SANDBOX);
  try {
    if (lock) parseLock(lock, BUNDLED_LOCK);
    return {
      policies,
      ...(lock && { lock }),
      ...(sandbox && { sandbox: readSandboxSettings(sandbox, BUNDLED_SANDBOX) }),
    };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new BundleFault('malformed', cause.message, { hint: cause.hint, cause });
  }
}

function readPolicies(files: readonly (readonly [path: string, bytes: Buffer])[]): Source[] {
  const problems: Problem[] = [];
  const sources = files
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, bytes]) => {
      const text = readSource(bytes, file, (problem) => void problems.push(problem));
      return text === undefined ? [] : [{ file, text, real: `bundle:${file}` }];
    });
  if (problems.length > 0) throw asBundleFault(new PolicyFault(problems));
  if (sources.length === 0) throw new BundleFault('policies', 'there is no .cedar file in it');
  return sources;
}

/** Policies that do not load, as what is wrong with a bundle. */
export function asBundleFault(cause: PolicyFault): BundleFault {
  const why = cause.message.replace(/^Cannot load policies: /u, '');
  return new BundleFault('policies', `its policies do not load: ${why}`, {
    hint: cause.hint,
    cause,
  });
}
