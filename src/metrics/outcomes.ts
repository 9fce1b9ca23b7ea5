import type { DenialCode } from '../denial.ts';

/** How a call ended, as `outcome`: what the tool said (`ok`, `tool-error`), what the gate said, or that something broke. */
export const OUTCOMES = {
  'token-missing': 'denied',
  'token-invalid': 'denied',
  'scope-insufficient': 'denied',
  'header-mismatch': 'denied',
  'tool-unknown': 'denied',
  'arguments-invalid': 'denied',
  'plan-violated': 'denied',
  'policy-denied': 'denied',
  'approval-required': 'denied',
  'approval-denied': 'denied',
  killed: 'denied',
  quarantined: 'denied',
  'rate-limited': 'denied',
  'upstream-failed': 'failed',
  'upstream-timeout': 'failed',
  'sandbox-failed': 'failed',
  'sandbox-unavailable': 'failed',
  'output-invalid': 'failed',
  'output-withheld': 'withheld',
  'too-large': 'denied',
  internal: 'failed',
} as const satisfies Record<DenialCode, 'denied' | 'withheld' | 'failed'>;
