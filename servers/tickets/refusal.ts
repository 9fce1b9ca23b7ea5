import type { ServerResponse } from 'node:http';
import type { Caller } from './token.ts';

export type RefusalOptions = {
  /** RFC 6750 §3.1. */
  readonly error?: 'invalid_token' | 'insufficient_scope';
  /** What a token has to have. */
  readonly scopes?: readonly string[];
  readonly caller?: Caller;
};

/** Where the metadata of a resource is (RFC 9728 §3.1). */
export function metadataPath(resource: URL): string {
  const { pathname } = resource;
  return `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
}

/** A request that is not served. `message` is for the audit; the client is told the status and the challenge. */
export class Refusal extends Error {
  readonly status: number;
  readonly caller: Caller | undefined;
  readonly #error: RefusalOptions['error'];
  readonly #scopes: readonly string[] | undefined;

  constructor(status: number, reason: string, { error, scopes, caller }: RefusalOptions = {}) {
    super(reason);
    this.status = status;
    this.caller = caller;
    this.#error = error;
    this.#scopes = scopes;
  }

  /** Ends the response with the status and the challenge of RFC 6750 §3 and RFC 9728 §5.1. */
  answer(response: ServerResponse, resource: URL): void {
    if (response.headersSent) return void response.destroy();
    if (this.#scopes)
      response.setHeader(
        'www-authenticate',
        `Bearer ${[
          ...(this.#error === undefined ? [] : [`error="${this.#error}"`]),
          `scope="${this.#scopes.join(' ')}"`,
          `resource_metadata="${new URL(metadataPath(resource), resource).href}"`,
        ].join(', ')}`,
      );
    const body = { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Refused' } };
    response
      .writeHead(this.status, { 'content-type': 'application/json', connection: 'close' })
      .end(JSON.stringify(body));
  }
}
