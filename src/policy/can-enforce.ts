import type { Call } from '../call.ts';
import type { Obligation } from './obligations.ts';

/** Isolation is what the built-in code tools give; nothing else is promised that is not done. */
export function canEnforce({ subject }: Call, { kind, value }: Obligation): boolean {
  return (
    kind === 'isolation' &&
    value === 'gvisor' &&
    subject.kind === 'tool' &&
    subject.server === 'code'
  );
}
