import type { Audit } from './audit/audit.ts';
import type { AuditKey } from './audit/key.ts';
import type { Log } from './audit/log.ts';
import type { Session, Verdict } from './call.ts';
import type { Gate } from './gate.ts';
import { createLabelFiles } from './labels/label-files.ts';
import { createLabels } from './labels/labels.ts';
import { createServerLabelFiles } from './labels/server-label-files.ts';
import { createServerLabels, type ServerLabelsOptions } from './labels/server-labels.ts';
import type { Switches } from './kill/switches.ts';
import type { Lock } from './catalogue/lock.ts';
import type { Closers } from './lib/closers.ts';
import { isJsonObject, type JsonObject } from './lib/json.ts';
import type { ScanEventually, ScanJson } from './scan/scan-json.ts';
import { createScanJsonEventually } from './scan/scan-json.ts';
import { createSessions, type Sessions } from './session.ts';
import type { StateLayout } from './state/layout.ts';
import { createEventFiles } from './suspicion/event-files.ts';
import { createSuspicion, type Suspicion } from './suspicion/suspicion.ts';

type OpenSuspicionOptions = {
  readonly path: string;
  readonly key: () => AuditKey;
  readonly audit: Pick<Audit, 'append'>;
  readonly log: Pick<Log, 'error' | 'warn'>;
  readonly opened: Closers;
};

/** The escalation bands of one state: each change that this process makes is in the audit, and in the log. */
function openSuspicion(options: OpenSuspicionOptions): Suspicion {
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

export type OpenSessionsOptions = Omit<OpenSuspicionOptions, 'path'> & {
  readonly state: Pick<StateLayout, 'suspicion' | 'labels' | 'serverLabels'>;
  /** Whom servers tell apart. */
  readonly reach: ServerLabelsOptions['reach'];
  /** The owner's own labels. */
  readonly words: () => Iterable<string>;
};

/** The sessions of one state: what every gateway of it knows of them. */
export function openSessions({ state, words, reach, ...options }: OpenSessionsOptions): {
  readonly suspicion: Suspicion;
  readonly sessions: Sessions;
} {
  const { key, log } = options;
  const suspicion = openSuspicion({ ...options, path: state.suspicion });
  const labels = createLabels({
    files: createLabelFiles(state.labels, key, Date.now),
    now: Date.now,
    words,
    onProblem: (thrown) =>
      log.error(thrown, 'labels of sessions: they count as all there are, until they can be read'),
  });
  const serverLabels = createServerLabels({
    files: createServerLabelFiles(state.serverLabels, key, Date.now),
    now: Date.now,
    reach,
    words,
    onProblem: (thrown) =>
      log.error(thrown, 'labels of servers: they count as all there are, until they can be read'),
  });
  // Not to be guessed, and the same wherever this person is.
  const idOf = (person: string): string => key().digest(`session ${person}`).slice(0, 32);
  const shared = { suspicion, labels, serverLabels, idOf, now: Date.now };
  return { suspicion, sessions: createSessions(shared) };
}

/**
 * What servers say beside results is as `untrusted` as any result of theirs may be. What cannot be counted, because the
 * state cannot be written, is shown to nobody.
 */
export function createHeed(
  scanJson: ScanJson,
  eventually: ScanEventually,
  isAlive: Switches['isAlive'],
  isTrusted: (server: string) => boolean,
): Pick<Gate, 'harmless' | 'harmlessAsk'> {
  const scanEventually = createScanJsonEventually(eventually);

  function heard(value: JsonObject, session: Session, server: string): void {
    if (session.labels.has('untrusted') || !speaks(value) || isTrusted(server)) return;
    session.addLabels(['untrusted']);
  }

  return {
    harmless(value, session, server) {
      if (!isAlive({ server, session })) return false;
      try {
        heard(value, session, server);
        return heed(scanJson(value, 'server-request').verdict, session, server, 'notification');
      } catch {
        // Told by who keeps the labels.
        return false;
      }
    },
    async harmlessAsk(params, session, server) {
      if (!isAlive({ server, session })) return false;
      heard(params, session, server);
      const { verdict } = await scanEventually(params, 'server-request');
      return heed(verdict, session, server, 'request');
    },
  };
}

/** Whether somebody has looked at all that this server offers, and none of it brings what strangers wrote. */
export function createIsTrusted(lock: Pick<Lock, 'rows' | 'broken'>): (server: string) => boolean {
  return function isTrusted(server) {
    if (lock.broken() !== undefined) return false;
    const offered = lock.rows(server).filter(({ kind }) => kind !== 'introduction');
    return (
      offered.length > 0 &&
      offered.every(({ entry }) => entry.reviewed && !entry.source.includes('untrusted'))
    );
  };
}

/** Members that say which and how much; of any other already the name is a text. */
const SILENT: ReadonlySet<string> = new Set([
  'progressToken',
  'progress',
  'total',
  'taskId',
  'requestId',
]);
const INNER: ReadonlySet<string> = new Set(['_meta', 'io.modelcontextprotocol/related-task']);
/** No sentence. */
const ID = /^[\w.:+/=-]{0,64}$/u;

/** Whether there is a text in it that a model could read. */
function speaks(said: JsonObject): boolean {
  return Object.entries(said).some(([name, value]) => {
    if (INNER.has(name) && isJsonObject(value)) return speaks(value);
    const isId = typeof value === 'number' || (typeof value === 'string' && ID.test(value));
    return !SILENT.has(name) || !isId;
  });
}

/** Counts for the session what is suspicious; `false`: nobody may see it. */
function heed(verdict: Verdict, session: Session, server: string, name: string): boolean {
  if (verdict !== 'pass') session.escalate(verdict, { server, name });
  // It may repeat in its own words what the model was not to read.
  session.addLabels(session.told?.inSpeech(server) ?? []);
  return verdict !== 'block';
}
