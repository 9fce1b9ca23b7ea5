import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** What every answer says: nothing here is a page, a script, or to be kept. */
const SAFE: OutgoingHttpHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const JSON_HEAD: OutgoingHttpHeaders = { ...SAFE, 'content-type': 'application/json' };

/** One JSON document. Does nothing when the client has gone. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  if (response.destroyed || response.headersSent) return;
  // A string goes out in one write with the head before it; bytes would be a second piece.
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...JSON_HEAD,
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

export function sendEmpty(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders = {},
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { ...SAFE, ...headers });
  response.end();
}

/** The head of an event stream, sent at once. */
export function openEvents(response: ServerResponse): void {
  response.writeHead(200, {
    ...SAFE,
    'cache-control': 'no-store, no-transform',
    'content-type': 'text/event-stream',
    // nginx holds an event stream back until its buffer is full, unless it is told.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
}
