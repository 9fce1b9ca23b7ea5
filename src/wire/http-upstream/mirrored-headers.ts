import { isJsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import { claimedVersion, encodeHeader, HEADERS, nameOf } from '../modern/meta.ts';
import type { ParamHeaders } from './param-headers.ts';

/**
 * The headers that repeat the body of a modern request (transports, request metadata); `undefined`: it is a legacy one.
 * `paramHeaders` knows which arguments a tool wants repeated.
 */
export function mirroredHeaders(
  frame: Frame,
  paramHeaders: ParamHeaders,
): Record<string, string> | undefined {
  const { method, params } = frame;
  if (typeof method !== 'string' || !isJsonObject(params)) return undefined;
  const version = claimedVersion(params);
  if (version === undefined) return undefined;
  const name = nameOf(method, params);
  return {
    [HEADERS.version]: version,
    [HEADERS.method]: method,
    ...(name === undefined ? {} : { [HEADERS.name]: encodeHeader(name) }),
    ...(method === 'tools/call' ? paramHeaders.of(params) : {}),
  };
}
