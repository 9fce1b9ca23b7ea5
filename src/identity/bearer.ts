import { Denial } from '../denial.ts';

const SYNTAX = /^[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9\-._~+/]+=*)$/;

/**
 * The token of an `Authorization` header, all of whose occurrences are given (RFC 6750 §2.1); `undefined` without one.
 * Throws `Denial('token-invalid')` where two readers could see two tokens.
 */
export function bearerToken(headers: readonly string[]): string | undefined {
  const [header, ...more] = headers;
  if (header === undefined) return undefined;
  if (more.length > 0)
    throw new Denial(
      'token-invalid',
      'Cannot accept the token: more than one Authorization header',
    );
  const token = SYNTAX.exec(header)?.[1];
  if (token === undefined)
    throw new Denial(
      'token-invalid',
      'Cannot accept the Authorization header: it is not "Bearer" and a token',
    );
  return token;
}
