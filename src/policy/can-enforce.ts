import type { Call } from '../call.ts';
import { isRedactable, type Obligation } from './obligations.ts';

/**
 * Isolation is what the built-in code tools give, redaction what is done to results that go to the model; nothing else is
 * promised that is not done.
 */
export function canEnforce({ subject }: Call, { kind, value }: Obligation): boolean {
  if (kind === 'redact') return subject.kind !== 'request' && isRedactable(value);
  return (
    kind === 'isolation' &&
    value === 'gvisor' &&
    subject.kind === 'tool' &&
    subject.server === 'code'
  );
}
