import { isJsonObject, type JsonObject } from '../../lib/json.ts';

/** What both sides of the modern era (MCP 2026-07-28) need: versions, `_meta` keys, error codes, headers. */

/** Modern protocol versions, newest first. */
export const MODERN_VERSIONS = ['2026-07-28'] as const;

/** Reserved keys of `_meta` (basic, `_meta`). */
export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscription: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Error codes that this era defines; over HTTP each comes with status 400 (basic, error codes). */
export const CODES = {
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

export const HEADERS = {
  version: 'mcp-protocol-version',
  method: 'mcp-method',
  name: 'mcp-name',
  /** Followed by what `x-mcp-header` says in the schema of a tool's argument. */
  paramPrefix: 'mcp-param-',
} as const;

/** The extension by which a call may be answered with a task (ext-tasks 2026-07-28). */
export const TASKS = 'io.modelcontextprotocol/tasks';

/** Capabilities that name the extension and nothing else. */
export const WITH_TASKS: JsonObject = { extensions: { [TASKS]: {} } };

/** Whether a client or a server with these capabilities knows tasks of the extension. */
export function knowsTasks({ extensions }: JsonObject): boolean {
  return isJsonObject(extensions) && isJsonObject(extensions[TASKS]);
}

/** The member of `params` that the header `Mcp-Name` repeats; methods that are not here have no such header. */
const NAME_MEMBER: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** Requests whose answer may ask for input (patterns, multi round-trip requests). */
export const MAY_REQUIRE_INPUT: ReadonlySet<string> = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
]);

/** Requests whose result says how long and for whom it may be kept, `ttlMs` and `cacheScope`. */
export const CACHEABLE: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

/** What a request says of its sender. */
export type RequestMeta = {
  readonly version: string;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject | undefined;
  readonly logLevel: string | undefined;
};

/** The version a message claims in its `_meta`, and with it the modern era; `undefined`: it is a legacy one. */
export function claimedVersion(params: JsonObject): string | undefined {
  const meta = params['_meta'];
  const claim = isJsonObject(meta) ? meta[META.version] : undefined;
  return typeof claim === 'string' ? claim : undefined;
}

/** Reads the `_meta` of a modern request. Returns the key that is missing or of the wrong type where it is malformed. */
export function readRequestMeta(params: JsonObject): RequestMeta | { readonly malformed: string } {
  const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
  const { [META.version]: version, [META.capabilities]: capabilities } = meta;
  const { [META.clientInfo]: clientInfo, [META.logLevel]: logLevel } = meta;
  if (typeof version !== 'string') return { malformed: META.version };
  if (!isJsonObject(capabilities)) return { malformed: META.capabilities };
  if (clientInfo !== undefined && !isJsonObject(clientInfo)) return { malformed: META.clientInfo };
  if (logLevel !== undefined && typeof logLevel !== 'string') return { malformed: META.logLevel };
  return { version, capabilities, clientInfo, logLevel };
}

/** The versions that `data` of an error -32022 names; `undefined` where it names none. */
export function supportedVersions(data: unknown): readonly string[] | undefined {
  const supported = isJsonObject(data) ? data['supported'] : undefined;
  if (!Array.isArray(supported)) return undefined;
  const named = supported.filter((version: unknown) => typeof version === 'string');
  return named.length === supported.length ? named : undefined;
}

/** What the header `Mcp-Name` repeats, decoded; `undefined` where the request has no such header. */
export function nameOf(method: string, params: JsonObject): string | undefined {
  const member = NAME_MEMBER.get(method);
  const name = member === undefined ? undefined : params[member];
  return typeof name === 'string' ? name : undefined;
}

const SENTINEL = { start: '=?base64?', end: '?=' } as const;
/** Visible ASCII, inside it also spaces and tabs. */
const PLAIN = /^[\u0021-\u007e](?:[\t\u0020-\u007e]*[\u0021-\u007e])?$/;

function isEncoded(value: string): boolean {
  return value.startsWith(SENTINEL.start) && value.endsWith(SENTINEL.end);
}

/** A value as it stands in a header, in base64 where it could not stand or would be taken for such (value encoding). */
export function encodeHeader(value: string): string {
  if (PLAIN.test(value) && !isEncoded(value)) return value;
  return `${SENTINEL.start}${Buffer.from(value).toString('base64')}${SENTINEL.end}`;
}

/** What a header says. `undefined`: it claims to be base64 and is not, or not of UTF-8. */
export function decodeHeader(header: string): string | undefined {
  if (!isEncoded(header)) return header;
  const base64 = header.slice(SENTINEL.start.length, -SENTINEL.end.length);
  const bytes = Buffer.from(base64, 'base64');
  // Node skips what is no base64: only the one spelling of the bytes is accepted.
  if (bytes.toString('base64') !== base64) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
