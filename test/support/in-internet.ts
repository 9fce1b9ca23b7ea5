import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { Program } from './frames-client.ts';

const UNSHARE = ['--net', '--mount'];

/** Why no program can have a network of its own here; `false` where it can. */
export const noInternet: string | false =
  spawnSync('unshare', [...UNSHARE, 'ip', 'link', 'set', 'lo', 'up']).status === 0
    ? false
    : 'unshare and ip cannot make a network of its own here (Linux, root, iproute2)';

export const ROOTS = join(packageRoot(), 'test/sandbox/egress/certificates/ca.pem');

/** The same program in the network of `internet-server.ts`, whose servers' roots it trusts. */
export function inInternet(folder: string, { command, args, ...program }: Program): Program {
  const internet = join(packageRoot(), 'dist/test/support/internet-server.js');
  return {
    ...program,
    command: 'unshare',
    args: [...UNSHARE, process.execPath, internet, folder, command, ...args],
    env: { ...ownEnv(), ...program.env, NODE_EXTRA_CA_CERTS: ROOTS },
  };
}

/** Requests that reached its servers: where, and with which authorization. */
export function seenIn(folder: string): { place: unknown; authorization: unknown }[] {
  const file = join(folder, 'seen.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines.flatMap((line) => {
    const seen: unknown = line === '' ? undefined : JSON.parse(line);
    return isJsonObject(seen)
      ? [{ place: seen['place'], authorization: seen['authorization'] }]
      : [];
  });
}

/** The environment of the tests, for a program that needs what they have. */
export function ownEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
