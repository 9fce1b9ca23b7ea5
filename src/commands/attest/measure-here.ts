import type { Measurements } from '../../attest/claims.ts';
import { measure, type Started } from '../../attest/measure.ts';
import type { Config } from '../../config/config.ts';

/** What this process and a gateway with this configuration are made of. */
export async function measureHere(config: Config, env: NodeJS.ProcessEnv): Promise<Measurements> {
  return await measure({ config, env, started: started(env) });
}

/** Variables by which a process loads what nobody has measured. */
const LOADING = [
  'LD_PRELOAD', 'LD_AUDIT', 'LD_LIBRARY_PATH', 'DYLD_INSERT_LIBRARIES', 'DYLD_LIBRARY_PATH', 'NODE_PATH',
  'OPENSSL_CONF', 'OPENSSL_MODULES', 'OPENSSL_ENGINES',
]; // prettier-ignore

function started(env: NodeJS.ProcessEnv): Started {
  // Node takes an option between quotes for the same option.
  const given = (env['NODE_OPTIONS'] ?? '').replaceAll(/["\\]/gu, '');
  const words = [...process.execArgv, ...given.split(/\s+/u)];
  // The values may be paths or worse; that there is such an option says enough.
  const options = words
    .filter((word) => word.startsWith('-'))
    .map((word) => (word.split('=')[0] ?? '').slice(0, 64));
  options.push(...LOADING.filter((name) => (env[name] ?? '') !== ''));
  return { node: process.execPath, version: process.version, options };
}
