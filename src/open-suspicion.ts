import type { Audit } from './audit/audit.ts';
import type { AuditKey } from './audit/key.ts';
import type { Log } from './audit/log.ts';
import type { Session, Verdict } from './call.ts';
import type { Gate } from './gate.ts';
import { createLabelFiles } from './labels/label-files.ts';
import { createLabels, type Labels } from './labels/labels.ts';
import type { Switches } from './kill/switches.ts';
import type { Closers } from './lib/closers.ts';
import type { ScanEventually, ScanJson } from './scan/scan-json.ts';
import { createScanJsonEventually } from './scan/scan-json.ts';
import { createEventFiles } from './suspicion/event-files.ts';
import { createSuspicion, type Suspicion } from './suspicion/suspicion.ts';

export type OpenSuspicionOptions = {
  readonly path: string;
  readonly key: () => AuditKey;
  readonly audit: Pick<Audit, 'append'>;
  readonly log: Pick<Log, 'error' | 'warn'>;
  readonly opened: Closers;
};

/** The escalation bands of one state: each change that this process makes is in the audit, and in the log. */
export function openSuspicion(options: OpenSuspicionOptions): Suspicion {
  const { path, key, audit, log, opened } = options;
  const suspicion = createSuspicion({
    files: createEventFiles(path, key, Date.now),
    now: Date.now,
    onProblem: (thrown) => log.error(thrown, 'escalation bands'),
    onRaise({ subject, issuer }, about, change) {
      if (change.before === change.after) return;
      log.warn({ user: subject, ...about, ...change }, 'session-band');
      try {
        audit.append('session-band', { ...about, ...change, user: { issuer, subject } });
      } catch (error) {
        // Calls are refused from here on.
        log.error(error, 'audit');
      }
    },
  });
  opened.add(() => suspicion.close());
  return suspicion;
}

export type OpenLabelsOptions = Pick<OpenSuspicionOptions, 'path' | 'key' | 'log'>;

/** The labels of one state. */
export function openLabels({ path, key, log }: OpenLabelsOptions): Labels {
  return createLabels({
    files: createLabelFiles(path, key, Date.now),
    now: Date.now,
    onProblem: (thrown) => log.error(thrown, 'labels of sessions'),
  });
}

/** What servers say beside results counts as much as results do. */
export function createHeed(
  scanJson: ScanJson,
  eventually: ScanEventually,
  isAlive: Switches['isAlive'],
): Pick<Gate, 'harmless' | 'harmlessAsk'> {
  const scanEventually = createScanJsonEventually(eventually);

  return {
    harmless: (value, session, server) =>
      isAlive({ server, session }) &&
      heed(scanJson(value, 'server-request').verdict, session, server, 'notification'),
    harmlessAsk: async (params, session, server) =>
      isAlive({ server, session }) &&
      heed((await scanEventually(params, 'server-request')).verdict, session, server, 'request'),
  };
}

/** Counts for the session what is suspicious; `false`: nobody may see it. */
function heed(verdict: Verdict, session: Session, server: string, name: string): boolean {
  if (verdict !== 'pass') session.escalate(verdict, { server, name });
  return verdict !== 'block';
}
