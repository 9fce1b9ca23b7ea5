import type { Audit } from './audit/audit.ts';
import type { AuditKey } from './audit/key.ts';
import type { Log } from './audit/log.ts';
import type { Closers } from './lib/closers.ts';
import { auditedKill, auditedKills } from './kill/audited-kills.ts';
import { createKillFiles } from './kill/kill-files.ts';
import { createSwitches, type Switches } from './kill/switches.ts';
import { QUARANTINED } from './suspicion/bands.ts';
import type { Suspicion } from './suspicion/suspicion.ts';
import { tidyKills } from './kill/tidy-kills.ts';

export type OpenSwitchesOptions = {
  readonly path: string;
  /** Folder of the audit: it remembers kills whose files are gone. */
  readonly auditPath: string;
  readonly lastResort: string | undefined;
  readonly suspicion: Pick<Suspicion, 'band'>;
  readonly key: () => AuditKey;
  readonly audit: Pick<Audit, 'append'>;
  readonly log: Pick<Log, 'error' | 'warn'>;
  readonly opened: Closers;
};

export type OpenedSwitches = Pick<
  Switches,
  'isAlive' | 'refuseKilled' | 'refuseQuarantined' | 'unlessKilled'
> & {
  /** Everything, in every gateway of this state, until a person revives it. Never throws. */
  readonly killAll: (by: string, reason: string) => void;
};

const TIDY_MS = 6 * 3_600_000;

/** The kill switches of one state. */
export function openSwitches(options: OpenSwitchesOptions): OpenedSwitches {
  const { path, auditPath, lastResort, suspicion, key, audit, log, opened } = options;
  const files = createKillFiles(path, key, Date.now);
  const switches = createSwitches({
    files,
    thrownBefore: () => auditedKills(auditPath, files.settledUntil(), key),
    lastResort,
    isQuarantined: (who) => suspicion.band(who) >= QUARANTINED,
    now: Date.now,
    onProblem: (thrown) => log.error(thrown, 'kill switches'),
  });
  opened.add(() => switches.close());
  const tidy = (): void =>
    void tidyKills(path, switches.tidy).catch((thrown: unknown) =>
      log.error(thrown, 'kill switches'),
    );
  const timer = setInterval(tidy, TIDY_MS).unref();
  opened.add(() => clearInterval(timer));
  tidy();
  return {
    ...switches,
    killAll(by, reason) {
      const kill = { ...files.begin(), scope: {}, by, reason };
      switches.kill(kill);
      log.warn({ id: kill.id, by, reason }, 'everything is switched off');
      try {
        audit.append('kill', { ...auditedKill(kill, key()), by });
      } catch (error) {
        // Nothing runs any more whether this is written or not.
        log.error(error, 'audit');
      }
    },
  };
}
