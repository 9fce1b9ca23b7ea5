import { Denial } from '../denial.ts';

/** What a request brings to say who it is: a token alone, or one with a proof of its key (RFC 6750 §2.1, RFC 9449 §7.1). */
export type Authorization = { readonly scheme: Scheme; readonly token: string };

export type Scheme = 'Bearer' | 'DPoP';

const SYNTAX = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/iu;

/**
 * The `Authorization` header, all of whose occurrences are given; `undefined` without one. Throws
 * `Denial('token-invalid')` where two readers could see two tokens.
 */
export function readAuthorization(headers: readonly string[]): Authorization | undefined {
  const [header, ...more] = headers;
  if (header === undefined) return undefined;
  if (more.length > 0)
    throw new Denial(
      'token-invalid',
      'Cannot accept the token: more than one Authorization header',
    );
  const [, scheme = '', token] = SYNTAX.exec(header) ?? [];
  if (token === undefined)
    throw new Denial(
      'token-invalid',
      'Cannot accept the Authorization header: it is neither "Bearer" nor "DPoP" and a token',
    );
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
}
