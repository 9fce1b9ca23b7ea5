import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { Fault } from '../lib/fault.ts';
import { readJson } from '../lib/read-json.ts';

/** `$DOCKER_CONFIG`, by default `~/.docker`. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  return env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
}

type Endpoint = {
  readonly host: string;
  readonly via: string;
  readonly again: Readonly<Record<string, string>>;
  /** Where the context keeps its certificates; absent: it has none. */
  readonly certificates?: string;
};

const config = z.looseObject({ currentContext: z.string().optional() });
const meta = z.looseObject({
  Endpoints: z.looseObject({
    docker: z.looseObject({ Host: z.string().min(1), SkipTLSVerify: z.boolean().optional() }),
  }),
});

/**
 * The engine of the context that `DOCKER_CONTEXT` names, else of Docker's current one; undefined where that is the
 * default one. Throws `Fault` for a context that is not there or does not look at certificates.
 */
export function readContext(env: NodeJS.ProcessEnv): Endpoint | undefined {
  const folder = configFolder(env);
  const name = env['DOCKER_CONTEXT'] || currentContext(join(folder, 'config.json'));
  if (!name || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(folder, 'contexts/meta', id, 'meta.json');
  const label = JSON.stringify(name);
  if (!existsSync(file))
    throw new Fault(`Cannot use Docker: there is no context ${label} in ${folder}`, {
      hint: 'docker context ls shows them; docker context use, or DOCKER_CONTEXT, names another',
    });
  const { Host: host, SkipTLSVerify: skips } = read(file, meta).Endpoints.docker;
  if (skips)
    throw new Fault(`Cannot use Docker: the context ${label} does not look at who answers`, {
      hint: `docker context update ${name} --docker host=${host},ca=ca.pem,cert=cert.pem,key=key.pem`,
    });
  const certificates = join(folder, 'contexts/tls', id, 'docker');
  return {
    host,
    via: `the context ${label}`,
    again: { DOCKER_CONTEXT: name },
    ...(existsSync(certificates) ? { certificates } : {}),
  };
}

function currentContext(file: string): string | undefined {
  return existsSync(file) ? read(file, config).currentContext : undefined;
}

const read = <T>(file: string, shape: z.ZodType<T>): T =>
  readJson(file, shape, 'it is not what Docker writes there');
