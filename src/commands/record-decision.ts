import { openAudit } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/events.ts';
import type { Config } from '../config/config.ts';
import { accountName } from '../lib/account.ts';
import type { JsonObject } from '../lib/json.ts';
import { stateLayout } from '../state/layout.ts';

/** Writes what this person has decided; the deed comes after it. */
export async function recordDecision(
  config: Config,
  event: AuditEvent,
  decisions: readonly JsonObject[],
): Promise<void> {
  const problems: Error[] = [];
  const audit = await openAudit({
    path: config.audit.path,
    stateKeyPath: stateLayout(config.state.path).auditKey,
    arguments: config.audit.arguments,
    secrets: config.secrets,
    now: () => new Date(),
    onError: (error) => problems.push(error),
  });
  try {
    for (const decision of decisions) audit.append(event, { ...decision, by: accountName() });
  } finally {
    await audit.close();
  }
}
