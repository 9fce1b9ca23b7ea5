import { openAudit } from '../../audit/audit.ts';
import { openAuditKey } from '../../audit/key.ts';
import type { Config } from '../../config/config.ts';
import { createKillFiles } from '../../kill/kill-files.ts';
import type { Kill } from '../../kill/kill.ts';
import { stateLayout } from '../../state/layout.ts';

export type Kills = {
  readonly read: () => Kill[];
  /** First the record, then the deed. */
  readonly write: (event: 'kill' | 'revive', kills: readonly Kill[]) => Promise<void>;
};

export function openKills(config: Config): Kills {
  const layout = stateLayout(config.state.path);
  const files = createKillFiles(layout.kills, () => openAuditKey(layout.auditKey), Date.now);
  return {
    read: () => files.read().toSorted((a, b) => a.time - b.time),
    async write(event, kills) {
      const problems: Error[] = [];
      const audit = await openAudit({
        path: config.audit.path,
        stateKeyPath: layout.auditKey,
        arguments: config.audit.arguments,
        secrets: config.secrets,
        now: () => new Date(),
        onError: (error) => problems.push(error),
      });
      try {
        for (const kill of kills) {
          const { id, scope, expires } = kill;
          const { by, reason } = kill.revived ?? kill;
          audit.append(event, { id, scope, by, reason, expires });
          files.write(kill);
        }
      } finally {
        await audit.close();
      }
    },
  };
}
