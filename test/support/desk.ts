import { join } from 'node:path';
import { createApprovals, type Approvals } from '../../src/approvals/approvals.ts';
import { createDesk, type Desk } from '../../src/approvals/desk.ts';
import { openAuditKey, type AuditKey } from '../../src/audit/key.ts';
import type { JsonObject } from '../../src/lib/json.ts';

export type OpenDesk = {
  readonly desk: Desk;
  readonly approvals: Approvals;
  readonly key: () => AuditKey;
  /** What it wrote to the audit. */
  readonly records: JsonObject[];
  /** What it found that no gateway had written. */
  readonly forged: string[];
};

export type DeskSetting = { readonly now?: () => number; readonly policy?: () => string };

/** A desk on the state in a folder, as a gateway opens it. */
export function openDesk(
  folder: string,
  { now = Date.now, policy = () => 'policy' }: DeskSetting = {},
): OpenDesk {
  const records: JsonObject[] = [];
  const forged: string[] = [];
  let opened: AuditKey | undefined;
  const key = (): AuditKey => (opened ??= openAuditKey(join(folder, 'audit-key.json')));
  const approvals = createApprovals({
    path: join(folder, 'approvals'),
    key,
    now,
    onForged: (_, why) => void forged.push(why),
  });
  const desk = createDesk({
    approvals,
    key,
    policy,
    record: (_, fields) => records.push(fields),
    tell: () => undefined,
    hide: (text) => text,
    now,
  });
  return { desk, approvals, key, records, forged };
}
