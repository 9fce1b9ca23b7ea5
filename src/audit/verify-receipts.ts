import { checkReceipt, type Receipt } from '../approvals/statement.ts';
import { isJsonObject, type JsonValue } from '../lib/json.ts';
import { Problem } from './problem.ts';
import type { AuditRecord } from './record.ts';

/** Where an approval was used: an intent that names it. */
type Use = {
  readonly file: string;
  readonly line: number;
  readonly seq: number;
  readonly definition: JsonValue | undefined;
  readonly arguments: JsonValue | undefined;
};

export type ReceiptBook = {
  /** Takes one record. Throws `Problem` for a receipt that was not signed, and for an approval that is used again. */
  readonly note: (file: string, line: number, record: AuditRecord) => void;
  /**
   * Throws `Problem` where an approval that was used was not given, or for another call. `hasMore`: another process has
   * begun a run meanwhile, and the answer may stand there.
   */
  readonly finish: (hasMore: boolean) => void;
};

/** What people approved and what was run on it. An answer may stand in the run of another process than its use. */
export function createReceiptBook(
  publicKey: () => string | undefined,
  warnings: string[],
): ReceiptBook {
  const given = new Map<JsonValue, Receipt>();
  const used = new Map<JsonValue, Use>();
  let unreadable = 0;

  return {
    note(file, line, record) {
      const { seq, event, receipt, approval } = record;
      if (event === 'approval' && receipt !== undefined) {
        const found = checkReceipt(receipt, publicKey() ?? '');
        if (found?.decision === 'approved') given.set(found.nonce, found);
        // One of the owner's secrets may happen to be part of a signature, and no record holds those.
        else if (JSON.stringify(receipt).includes('[redacted:')) {
          unreadable++;
          warnings.push(`${file}, line ${line}: a receipt that cannot be checked`);
        } else if (!found) throw new Problem(file, 'the receipt was not signed', line, seq);
      }
      if (event !== 'intent' || approval === undefined) return;
      if (used.has(approval)) throw new Problem(file, 'an approval is used again', line, seq);
      const { definition, arguments: args } = record;
      const digest = isJsonObject(args) ? args['digest'] : undefined;
      used.set(approval, { file, line, seq, definition, arguments: digest });
    },
    finish(hasMore) {
      for (const [nonce, { file, line, seq, ...call }] of used) {
        const receipt = given.get(nonce);
        if (!receipt && (hasMore || unreadable > 0)) continue;
        if (!receipt) throw new Problem(file, 'nobody gave the approval it names', line, seq);
        if (receipt.definition !== call.definition || receipt.arguments !== call.arguments)
          throw new Problem(file, 'the approval it names is for another call', line, seq);
      }
    },
  };
}
