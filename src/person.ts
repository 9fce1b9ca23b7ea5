import type { Caller } from './call.ts';

/** Who signed in, and with what program: the key by which sessions, places and limits are kept. */
export function personOf({
  issuer,
  subject,
  client,
}: Pick<Caller, 'issuer' | 'subject' | 'client'>): string {
  return JSON.stringify([issuer, subject, client]);
}
