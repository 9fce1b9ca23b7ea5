import { readFile } from 'node:fs/promises';

import type { Config } from '../../config/config.ts';
import { isConfidential } from '../../lib/confidential.ts';
import { isLoopback, readAddress } from '../../lib/address.ts';
import type { Finding } from './finding.ts';
import { modeOf, OTHERS } from './mode.ts';

/** What a valid configuration may still do to its owner. */
export async function checkConfiguration(config: Config, posix: boolean): Promise<Finding[]> {
  const area = 'configuration';
  const servers = Object.values(config.mcpServers);
  const found: Finding[] = [];
  const warn = (message: string, hint: string) =>
    found.push({ area, level: 'warning', message, hint });

  if (servers.every((server) => server.disabled) && !config.builtin.code)
    warn('there is no server to stand in front of', 'add one below mcpServers');
  for (const server of servers)
    if (server.kind === 'http' && !isConfidential(new URL(server.url)))
      warn(`${server.name} is called over plain http: anybody on the way can read it`, 'use https');
  for (const { name, shared } of servers)
    if (shared)
      warn(
        `${name} is reached with one credential for all callers, for ${shared.classes.join(', ')}`,
        'auth.exchange shows it a token of each caller',
      );
  const { metrics } = config.http;
  if (metrics !== undefined && !isLoopback(readAddress(metrics)?.host ?? ''))
    warn(
      `http.metrics is ${metrics}: whoever reaches it reads names of servers and what they are used for`,
      'let it listen on 127.0.0.1, or let a firewall pass the scraper alone',
    );

  const { file } = config;
  if (file !== undefined && posix) {
    const mode = await modeOf(file);
    // Whoever can write this file decides which programs run under this account.
    if ((mode & OTHERS.write) !== 0)
      found.push({
        area,
        level: 'error',
        message: `${file} can be written by others`,
        hint: `chmod go-w ${file}`,
      });
    const text = await readFile(file, 'utf8');
    if ((mode & OTHERS.read) !== 0 && config.secrets.some((secret) => text.includes(secret)))
      warn(`${file} holds secrets and can be read by others`, `chmod 600 ${file}`);
  }
  for (const key of posix ? (config.policy.bundle?.keys ?? []) : [])
    // Whoever can write it decides whose signatures count.
    if (((await modeOf(key).catch(() => 0)) & OTHERS.write) !== 0)
      found.push({
        area,
        level: 'error',
        message: `${key} can be written by others`,
        hint: `chmod go-w ${key}`,
      });
  if (found.length === 0)
    found.push({ area, level: 'ok', message: `${file ?? 'it'} with ${count(servers.length)}` });
  return found;
}

function count(servers: number): string {
  return `${servers} server${servers === 1 ? '' : 's'}`;
}
