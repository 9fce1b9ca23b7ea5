import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { AuditKey } from '../audit/key.ts';
import { holds, readLines } from '../audit/lines.ts';
import { readRecord } from '../audit/record.ts';
import { listSegments } from '../audit/segment-name.ts';
import { canonicalJson, type JsonObject } from '../lib/json.ts';
import type { Kill, Thrown } from './kill.ts';

const MARK = '"event":"kill"';

const written = z.object({
  id: z.string(),
  thrown: z.int(),
  expires: z.int().optional(),
  seal: z.string(),
});

/** What the audit says of a kill, or of its end; sealed, so that nobody else can make a gateway miss one. */
export function auditedKill(kill: Kill, key: Pick<AuditKey, 'digest'>): JsonObject {
  const { id, scope, time, expires } = kill;
  const seal = sealOf(kill, key);
  return { id, scope, reason: (kill.revived ?? kill).reason, thrown: time, expires, seal };
}

/**
 * The kills that an audit folder knows of, thrown after `since` (milliseconds since 1970): what remembers a kill whose file
 * was taken away while no gateway ran.
 */
export function* auditedKills(
  folder: string,
  since: number,
  key: () => Pick<AuditKey, 'digest'>,
): Generator<Thrown> {
  if (!existsSync(folder)) return;
  // The clock was set back: of times to come no file has one.
  const isAhead = since > Date.now();
  for (const { file } of listSegments(readdirSync(folder))) {
    const path = join(folder, file);
    // Not the time of the last change: whoever may write the folder may set that back.
    if (!isAhead && statSync(path).ctimeMs < since) continue;
    if (!holds(path, MARK)) continue;
    for (const { bytes } of readLines(path)) {
      if (!bytes.includes(MARK)) continue;
      const found = written.safeParse(readRecord(bytes));
      if (!found.success) continue;
      const { id, thrown: time, expires, seal } = found.data;
      const kill = { id, time, ...(expires !== undefined && { expires }) };
      if (time > since && seal === sealOf(kill, key())) yield kill;
    }
  }
}

function sealOf({ id, time, expires }: Thrown, key: Pick<AuditKey, 'digest'>): string {
  return key.digest(`audited-kill ${canonicalJson({ id, time, expires })}`);
}
