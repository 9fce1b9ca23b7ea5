import type { Config } from '../../config/config.ts';
import { Denial } from '../../denial.ts';
import { Fault } from '../../lib/fault.ts';
import type { Finding } from './finding.ts';

/**
 * Whether every server that has a sandbox can be run in one: looks at mounts, resolves and installs what `npx` would run,
 * builds its image. Starts none of them. `say` takes what is done meanwhile.
 */
export async function checkInside(
  config: Config,
  env: NodeJS.ProcessEnv,
  say: (message: string) => void,
): Promise<Finding[]> {
  const [{ createLocalInside }, { describePrepared }] = await Promise.all([
    import('../../sandbox/inside/local-inside.ts'),
    import('../../sandbox/inside/prepare.ts'),
  ]);
  const inside = createLocalInside({
    config,
    env,
    log: say,
    onStderr: () => undefined,
    audit: undefined,
    graceMs: 0,
  });
  const found: Finding[] = [];
  for (const server of Object.values(config.mcpServers)) {
    if (server.disabled || server.kind !== 'stdio' || !server.sandbox) continue;
    const { name, sandbox } = server;
    try {
      const prepared = await inside.prepare({ ...server, sandbox });
      const what = describePrepared({ ...server, sandbox }, prepared);
      found.push({ area: 'sandbox', level: 'ok', message: `${name} will run in gVisor: ${what}` });
    } catch (error) {
      if (!(error instanceof Fault) && !(error instanceof Denial)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      // What is written wrong is the owner's to mend, what is missing the machine's.
      const area = error instanceof Fault ? 'configuration' : 'sandbox';
      found.push({ area, level: 'error', message: `${name}: ${error.message}`, ...hint });
    }
  }
  await inside.close();
  return found;
}

/** Whether there is a server to look at. */
export function hasInside({ mcpServers }: Config): boolean {
  return Object.values(mcpServers).some(
    (server) => !server.disabled && server.kind === 'stdio' && server.sandbox,
  );
}
