import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

import type { Config, ServerConfig, StdioServerConfig } from '../../config/config.ts';
import { vaultKey } from '../../identity/vault.ts';
import { Fault } from '../../lib/fault.ts';
import type { Finding } from './finding.ts';

type Machine = { readonly env: NodeJS.ProcessEnv; readonly platform: NodeJS.Platform };

/** Whether the program of every stdio server can be found, and others can be shown who asks; starts none of them. */
export async function checkUpstreams(config: Config, machine: Machine): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const server of Object.values(config.mcpServers)) {
    if (!server.disabled) found.push(...unknownThere(server, config), ...noVault(server, machine));
    // What runs in a sandbox is not looked for on this side of it.
    if (server.disabled || server.kind !== 'stdio' || server.sandbox) continue;
    found.push(...(await problemsOf(server, machine)));
  }
  if (found.length > 0) return found;
  return [{ area: 'upstream', level: 'ok', message: 'every program is found' }];
}

/** Without a credential of its own the gateway cannot ask an issuer for tokens, and every call would fail. */
function unknownThere(server: ServerConfig, { identity }: Config): Finding[] {
  if (server.kind !== 'http') return [];
  const way = server.exchange ? 'exchange' : server.enterprise ? 'enterprise' : undefined;
  if (way === undefined) return [];
  const { stdio, http } = identity;
  if (http?.client !== undefined || ('client' in stdio && stdio.client !== undefined)) return [];
  return [
    {
      area: 'upstream',
      level: 'error',
      message: `${server.name}: auth.${way} asks the issuer for tokens, and the gateway is no client there`,
      hint: 'register the gateway at the issuer and write identity.http.client',
    },
  ];
}

function noVault(server: ServerConfig, { env }: Machine): Finding[] {
  const isKept =
    server.secretIn !== undefined || (server.kind === 'http' && server.login !== undefined);
  if (!isKept) return [];
  try {
    vaultKey(env);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const { message, hint = '' } = thrown;
    return [{ area: 'upstream', level: 'error', message: `${server.name}: ${message}`, hint }];
  }
}

async function problemsOf(server: StdioServerConfig, machine: Machine): Promise<Finding[]> {
  const found: Finding[] = [];
  const say = (message: string, hint: string) =>
    found.push({ area: 'upstream', level: 'error', message: `${server.name}: ${message}`, hint });
  if (!(await isFound(server, machine)))
    say(
      `the program ${server.command} is not found`,
      isAbsolute(server.command) ? 'is it installed there?' : 'install it, or write its whole path',
    );
  if (server.cwd !== undefined && !(await isFolder(server.cwd)))
    say(`there is no folder ${server.cwd}`, 'it is the cwd of this server');
  return found;
}

async function isFound({ command, env }: StdioServerConfig, machine: Machine): Promise<boolean> {
  const path = env['PATH'] ?? machine.env['PATH'] ?? '';
  const folders = isAbsolute(command) ? [''] : path.split(delimiter).filter((one) => one !== '');
  const endings =
    machine.platform === 'win32'
      ? ['', ...(machine.env['PATHEXT'] ?? '.EXE;.CMD;.BAT').split(';')]
      : [''];
  for (const folder of folders)
    for (const ending of endings)
      if (await isProgram(folder === '' ? command + ending : join(folder, command + ending)))
        return true;
  return false;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
