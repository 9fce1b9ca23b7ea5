import { join } from 'node:path';

/** Where each part of one user's state is. */
export type StateLayout = {
  readonly root: string;
  readonly audit: string;
  /** Keys of the audit; its neighbours `audit-head-*.json` remember how far each audit folder had come. */
  readonly auditKey: string;
  readonly withheld: string;
  /** What waits for a person to approve it, and what was said. */
  readonly approvals: string;
  /** Statistics of arguments, without their values. */
  readonly anomaly: string;
  /** Which policy bundles were in force. */
  readonly bundles: string;
  /** The key that signs attestations. */
  readonly attestKey: string;
};

export function stateLayout(root: string): StateLayout {
  return {
    root,
    audit: join(root, 'audit'),
    auditKey: join(root, 'audit-key.json'),
    withheld: join(root, 'withheld'),
    approvals: join(root, 'approvals'),
    anomaly: join(root, 'anomaly.json'),
    bundles: join(root, 'bundles'),
    attestKey: join(root, 'attest-key.pem'),
  };
}
