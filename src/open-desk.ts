import { createApprovals } from './approvals/approvals.ts';
import { createDesk, type Desk, type DeskOptions } from './approvals/desk.ts';
import type { Audit } from './audit/audit.ts';
import type { Log } from './audit/log.ts';

export type OpenDeskOptions = Pick<DeskOptions, 'key' | 'policy' | 'record' | 'hide'> & {
  readonly path: string;
  readonly audit: Pick<Audit, 'append'>;
  readonly log: Pick<Log, 'error' | 'warn'>;
};

/** Where people are asked: what waits in one state, without what is over. */
export function openDesk({ path, audit, log, ...rest }: OpenDeskOptions): Desk {
  const approvals = createApprovals({
    path,
    key: rest.key,
    now: Date.now,
    onForged(id, why) {
      log.warn({ id, why }, 'approvals hold what no gateway has written');
      audit.append('approval', { step: 'forged', id, why });
    },
  });
  try {
    approvals.sweep();
  } catch (thrown) {
    // Each call that needs an approval is refused then; the others do not depend on it.
    log.error(thrown, 'approvals');
  }
  return createDesk({
    ...rest,
    approvals,
    tell: ({ id, binding: { subject, server, name } }) =>
      log.warn({ id, user: subject, server, name }, 'a call waits for approval'),
    now: Date.now,
  });
}
