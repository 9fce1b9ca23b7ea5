import { createApprovals, type Approvals } from '../../approvals/approvals.ts';
import { openAuditKey, type AuditKey } from '../../audit/key.ts';
import type { Config } from '../../config/config.ts';
import { visible } from '../../lib/visible.ts';
import { stateLayout } from '../../state/layout.ts';
import type { Io } from '../command.ts';

export type Opened = { readonly approvals: Approvals; readonly key: () => AuditKey };

/** The approvals of the state that this configuration names. What was forged is named on stderr. */
export function openApprovals({ state }: Config, io: Io): Opened {
  const { approvals: path, auditKey } = stateLayout(state.path);
  let opened: AuditKey | undefined;
  const key = (): AuditKey => (opened ??= openAuditKey(auditKey));
  const approvals = createApprovals({
    path,
    key,
    now: Date.now,
    onForged: (id, why) =>
      void io.stderr.write(`sallyport: left out ${visible(id)}: ${visible(why)}\n`),
  });
  return { approvals, key };
}
