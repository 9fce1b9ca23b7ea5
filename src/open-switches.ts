import type { Audit } from './audit/audit.ts';
import type { AuditKey } from './audit/key.ts';
import type { Log } from './audit/log.ts';
import type { Closers } from './lib/closers.ts';
import { createKillFiles, newKillId } from './kill/kill-files.ts';
import { createSwitches, type Switches } from './kill/switches.ts';

export type OpenSwitchesOptions = {
  readonly path: string;
  readonly lastResort: string | undefined;
  readonly key: () => AuditKey;
  readonly audit: Pick<Audit, 'append'>;
  readonly log: Pick<Log, 'error' | 'warn'>;
  readonly opened: Closers;
};

export type OpenedSwitches = Pick<Switches, 'isAlive' | 'refuseKilled' | 'unlessKilled'> & {
  /** Everything, in every gateway of this state, until a person revives it. Never throws. */
  readonly killAll: (by: string, reason: string) => void;
};

/** The kill switches of one state. */
export function openSwitches(options: OpenSwitchesOptions): OpenedSwitches {
  const { path, lastResort, key, audit, log, opened } = options;
  const switches = createSwitches({
    files: createKillFiles(path, key, Date.now),
    lastResort,
    now: Date.now,
    onProblem: (thrown) => log.error(thrown, 'kill switches'),
  });
  opened.add(() => switches.close());
  return {
    ...switches,
    killAll(by, reason) {
      const kill = { id: newKillId(), scope: {}, time: Date.now(), by, reason };
      switches.kill(kill);
      log.warn({ id: kill.id, by, reason }, 'everything is switched off');
      try {
        audit.append('kill', { id: kill.id, scope: {}, by, reason });
      } catch (error) {
        // Nothing runs any more whether this is written or not.
        log.error(error, 'audit');
      }
    },
  };
}
