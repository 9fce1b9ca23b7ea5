import * as z from 'zod';

import { word } from './values.ts';

/** Scopes of OAuth 2.0 (RFC 6749 §3.3). */
const scope = z
  .string()
  .regex(/^[\u0021\u0023-\u005b\u005d-\u007e]{1,128}$/u, { error: 'it is no scope' });

/** How a server is shown who asks. */
export const authSchema = z.strictObject({
  exchange: z.strictObject({ audience: word, scopes: z.array(scope).min(1) }),
});

/** The gateway's own credential at one issuer, which no other issuer is shown. */
export const clientSchema = z
  .strictObject({ id: word, secret: word.optional(), key: word.optional() })
  .refine(({ secret, key }) => (secret === undefined) !== (key === undefined), {
    error: 'it needs either a secret or the file of a private key',
  });
