import { openAuditKey } from '../../audit/key.ts';
import type { Config } from '../../config/config.ts';
import { auditedKill, auditedKills } from '../../kill/audited-kills.ts';
import { createKillFiles, type KillsRead } from '../../kill/kill-files.ts';
import type { Kill } from '../../kill/kill.ts';
import { tidyKills } from '../../kill/tidy-kills.ts';
import type { JsonObject } from '../../lib/json.ts';
import { stateLayout } from '../../state/layout.ts';

/** The kills of the gateway with this configuration. */
export type OpenedKills = {
  readonly read: () => KillsRead;
  /** Id and time of a kill that is thrown now. Never throws. */
  readonly begin: () => Pick<Kill, 'id' | 'time'>;
  readonly write: (kill: Kill) => void;
  /** What the audit says of a kill, or of its end. */
  readonly recordOf: (kill: Kill) => JsonObject;
  /** Removes files of kills that ended long ago. */
  readonly tidy: () => Promise<void>;
};

export function openKills(config: Config): OpenedKills {
  const { kills, auditKey } = stateLayout(config.state.path);
  const key = (): ReturnType<typeof openAuditKey> => openAuditKey(auditKey);
  const files = createKillFiles(kills, key, Date.now);
  const known = () => auditedKills(config.audit.path, files.settledUntil(), key);
  return {
    read: () => files.read(known()),
    begin: files.begin,
    write: files.write,
    recordOf: (kill) => auditedKill(kill, key()),
    tidy: async () => await tidyKills(kills, () => files.tidy(known())),
  };
}
