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
  /** Escalation bands of sessions: what raised them, and who lowered them. */
  readonly suspicion: string;
  /** What sessions carry: labels of what they have read. */
  readonly labels: string;
  /** What servers have that no model has read. */
  readonly serverLabels: string;
  /** What people have switched off. */
  readonly kills: string;
  /** Definitions in which the detector found nothing. */
  readonly passed: string;
  /** Which policy bundles were in force. */
  readonly bundles: string;
  /** Credentials of single users at single servers, encrypted. */
  readonly vault: string;
  /** The key that signs attestations. */
  readonly attestKey: string;
  /** Sockets through which code in sandboxes connects out. */
  readonly egress: string;
  /** Which version of each package runs in a sandbox: npm's own lock files. */
  readonly packages: string;
};

export function stateLayout(root: string): StateLayout {
  return {
    root,
    audit: join(root, 'audit'),
    auditKey: join(root, 'audit-key.json'),
    withheld: join(root, 'withheld'),
    approvals: join(root, 'approvals'),
    anomaly: join(root, 'anomaly.json'),
    suspicion: join(root, 'suspicion'),
    labels: join(root, 'labels'),
    serverLabels: join(root, 'server-labels'),
    kills: join(root, 'kills'),
    passed: join(root, 'passed'),
    bundles: join(root, 'bundles'),
    vault: join(root, 'vault.json'),
    attestKey: join(root, 'attest-key.pem'),
    egress: join(root, 'egress'),
    packages: join(root, 'packages'),
  };
}
