import { openAuditKey } from '../../audit/key.ts';
import type { Config } from '../../config/config.ts';
import type { JsonObject } from '../../lib/json.ts';
import { createKillFiles, type KillFiles } from '../../kill/kill-files.ts';
import type { Kill } from '../../kill/kill.ts';
import { stateLayout } from '../../state/layout.ts';

/** The kills of the gateway with this configuration. */
export function openKills(config: Config): KillFiles {
  const layout = stateLayout(config.state.path);
  return createKillFiles(layout.kills, () => openAuditKey(layout.auditKey), Date.now);
}

/** What the audit says of a kill, or of its end. */
export function recordOf(kill: Kill): JsonObject {
  const { id, scope, expires } = kill;
  return { id, scope, reason: (kill.revived ?? kill).reason, expires };
}
