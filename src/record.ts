import type { Audit } from './audit/audit.ts';
import type { Log } from './audit/log.ts';
import type { Gate, GateEvent } from './gate.ts';
import { newTraceId } from './lib/random-ids.ts';

/** What the owner hears of without reading the audit. */
const TOLD: Partial<Record<GateEvent, 'info' | 'warn'>> = {
  'upstream-up': 'info',
  'upstream-down': 'warn',
  'catalogue-change': 'warn',
};

/** Writes what happens beside calls into the audit, with whose session it was. */
export function createRecord(
  audit: Pick<Audit, 'append'>,
  log: Pick<Log, 'error' | 'info' | 'warn'>,
): Pick<Gate, 'record' | 'note'> {
  const record: Gate['record'] = (event, session, fields) => {
    const traceId = typeof fields['traceId'] === 'string' ? fields['traceId'] : newTraceId();
    const { issuer, subject, client } = session.caller;
    // Whose it is stands first: of a record that grows too long the end is cut.
    const whose = { traceId, caller: { issuer, subject, client }, session: session.id };
    audit.append(event, { ...whose, ...fields, ...whose });
    return traceId;
  };
  return {
    record,
    note(event, session, fields) {
      const level = TOLD[event];
      if (level !== undefined) log[level](fields, event);
      try {
        return record(event, session, fields);
      } catch (error) {
        // Calls are refused from here on; a server that comes or goes must not end the process.
        log.error(error, 'audit');
        return newTraceId();
      }
    },
  };
}
