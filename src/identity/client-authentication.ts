import * as oauth from 'oauth4webapi';

const BASIC = 'client_secret_basic';
const POST = 'client_secret_post';
export const SECRET_METHODS = [BASIC, POST] as const;

/** How a client shows its secret: in a header, or in the form. */
export type SecretMethod = (typeof SECRET_METHODS)[number];

/** Of what an issuer takes (RFC 8414), which is the header where it does not say. */
export function secretMethodOf(taken: readonly string[] = []): SecretMethod {
  return taken.includes(POST) && !taken.includes(BASIC) ? POST : BASIC;
}

export function secretAuthentication(
  secret: string,
  method: SecretMethod = BASIC,
): oauth.ClientAuth {
  return method === POST ? oauth.ClientSecretPost(secret) : basic(secret);
}

/**
 * RFC 6749 §2.3.1 encodes as a form does, which leaves `-`, `.` and `_`. The library's own encodes them too, and many
 * issuers do not decode.
 */
function basic(secret: string): oauth.ClientAuth {
  return (_as, { client_id: id }, _body, headers) => {
    const parts = [id, secret].map((part) => new URLSearchParams({ '': part }).toString().slice(1));
    headers.set('authorization', `Basic ${Buffer.from(parts.join(':')).toString('base64')}`);
  };
}
