import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

const ALLOWED = [
  'authorization',
  'dpop',
  'content-type',
  'accept',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
];
/** Which of these there are depends on the tool that is called, so each is allowed that could be one (RFC 9110, token). */
const PARAM = /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/;

/** Lets a page of this origin, which is an allowed one, read the answer. */
export function admitOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'mcp-session-id, www-authenticate');
  response.setHeader('vary', 'origin');
}

/** What a preflight request of such a page is told (Fetch, CORS-preflight). */
export function preflight({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const wanted = (headers['access-control-request-headers'] ?? '').split(',');
  const params = wanted.map((name) => name.trim().toLowerCase()).filter((name) => PARAM.test(name));
  return {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': [...ALLOWED, ...params].join(', '),
    'access-control-max-age': '600',
  };
}
