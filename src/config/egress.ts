import * as z from 'zod';
import { readRule, type EgressRule } from '../sandbox/egress/allowlist.ts';
import type { EgressEntry } from '../sandbox/egress/exchange.ts';

/** Headers that say where a request goes or how long it is, and so are not for a secret. */
const FRAMING =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|proxy-.*)$/u;

const secret = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/u, {
    error: 'a name is 1 to 64 of the characters A-Z 0-9 _, a letter first',
  }),
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/u, { error: 'it is no name of a header' })
    .refine((header) => !FRAMING.test(header.toLowerCase()), {
      error: 'this header is not for a secret',
    })
    .transform((header) => header.toLowerCase())
    .default('authorization'),
  // Shorter ones would be masked wherever an answer has the same letters.
  value: z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{6,4094})[\x21-\x7e]$/u, {
    error: 'a secret is 8 to 4096 printable ASCII characters',
  }),
});

const written = z.strictObject({
  to: z.string(),
  secret: secret.optional(),
  private: z.boolean().default(false),
});

const entry = z.preprocess(
  (given) => (typeof given === 'string' ? { to: given } : given),
  written.transform(({ to, secret: own, private: isPrivate }, context) => {
    const rule = readRule(to);
    const say = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (typeof rule === 'string') return say(rule);
    if (own && (rule.plain || rule.wildcard)) return say('a secret is for one host, over TLS');
    // Whoever may name a host below it would choose which of the house's machines it is.
    if (isPrivate && rule.wildcard) return say('a private host is written out');
    const given: EgressEntry = {
      ...rule,
      ...(own && { secret: own }),
      ...(isPrivate && { isPrivate }),
    };
    return given;
  }),
);

/** Where code may connect to: a host and a port each, and no other twice. */
export const egressSchema = z.array(entry).max(64).superRefine(noneTwice).default([]);

const trustedHost = z.string().transform((to, context): EgressRule => {
  const rule = readRule(to);
  const wrong = typeof rule === 'string' ? rule : rule.plain && 'a secret goes there, over TLS';
  if (typeof rule !== 'string' && wrong === false) return rule;
  context.addIssue({ code: 'custom', message: String(wrong) });
  return z.NEVER;
});

/** Where a secret may go: entries as those above, over TLS alone. */
export const trustedHostsSchema = z.array(trustedHost).max(256).superRefine(noneTwice).default([]);

function noneTwice(entries: readonly EgressRule[], context: z.core.$RefinementCtx): void {
  const seen = new Set<string>();
  for (const [at, { host, port, wildcard }] of entries.entries()) {
    const place = `${wildcard ? '*.' : ''}${host}:${port}`;
    if (seen.has(place))
      context.addIssue({ code: 'custom', path: [at], message: `${place} stands here twice` });
    seen.add(place);
  }
}
