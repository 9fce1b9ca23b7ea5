import type { JsonObject, JsonValue } from '../lib/json.ts';

/** An error that the upstream itself answered with; its text is as untrusted as a result. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: number;
  readonly data: JsonValue | undefined;

  constructor(error: JsonObject) {
    super(typeof error['message'] === 'string' ? error['message'] : 'no message');
    this.code = typeof error['code'] === 'number' ? error['code'] : -32603;
    this.data = error['data'];
  }
}
