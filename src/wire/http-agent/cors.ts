import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

const ALLOWED = [
  'authorization',
  'content-type',
  'accept',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
];

/** Lets a page of this origin, which is an allowed one, read the answer. */
export function admitOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'mcp-session-id, www-authenticate');
  response.setHeader('vary', 'origin');
}

/** What a preflight request of such a page is told (Fetch, CORS-preflight). */
export const PREFLIGHT: OutgoingHttpHeaders = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': ALLOWED.join(', '),
  'access-control-max-age': '600',
};
