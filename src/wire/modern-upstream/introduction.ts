import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import {
  CODES,
  knowsTasks,
  META,
  MODERN_VERSIONS,
  supportedVersions,
  WITH_TASKS,
} from '../modern/meta.ts';
import { SERVER_DECIDES } from '../tasks/related-task.ts';
import { LEGACY_VERSIONS } from '../methods.ts';

/** What a modern server is told of its client with every request, taken from the client's `initialize`. */
export type Introduction = {
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject;
};

export function introductionOf(initialize: JsonObject): Introduction {
  const { capabilities, clientInfo } = initialize;
  return {
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    clientInfo: isJsonObject(clientInfo) ? clientInfo : { name: 'sallyport', version: '0' },
  };
}

/** The same to a server whose answer may be a task: each request says for itself that the gate takes one. */
export function withTasks(introduction: Introduction): Introduction {
  return { ...introduction, capabilities: { ...introduction.capabilities, ...WITH_TASKS } };
}

/** `params` with what a modern request says of its sender; the client cannot speak for itself there. */
export function introduce(
  { capabilities, clientInfo }: Introduction,
  params: JsonObject,
  logLevel?: string,
): JsonObject {
  const { [META.logLevel]: _own, ...meta } = isJsonObject(params['_meta']) ? params['_meta'] : {};
  return {
    ...params,
    _meta: {
      ...meta,
      [META.version]: MODERN_VERSIONS[0],
      [META.capabilities]: capabilities,
      [META.clientInfo]: clientInfo,
      ...(logLevel === undefined ? {} : { [META.logLevel]: logLevel }),
    },
  };
}

/** What the answer to `server/discover` says about the server's era. */
export type Verdict =
  | { readonly era: 'modern'; readonly discovered: JsonObject }
  | { readonly era: 'legacy' }
  | { readonly era: 'none'; readonly why: string };

/** Anything but a description of a modern server, or an error that only a modern one gives, is a legacy server. */
export function judge({ result, error }: Frame): Verdict {
  if (isJsonObject(result)) {
    const offered = supportedVersions({ supported: result['supportedVersions'] });
    if (offered === undefined || !isJsonObject(result['capabilities'])) return { era: 'legacy' };
    return speaksOurs(offered) ? { era: 'modern', discovered: result } : elsewhere(offered);
  }
  const offered =
    isJsonObject(error) && error['code'] === CODES.unsupportedVersion
      ? supportedVersions(error['data'])
      : undefined;
  return offered === undefined ? { era: 'legacy' } : elsewhere(offered);
}

function speaksOurs(offered: readonly string[]): boolean {
  return MODERN_VERSIONS.some((version) => offered.includes(version));
}

function elsewhere(offered: readonly string[]): Verdict {
  if (LEGACY_VERSIONS.some((version) => offered.includes(version))) return { era: 'legacy' };
  const named = JSON.stringify(offered.slice(0, 8)).slice(0, 200);
  return { era: 'none', why: `it speaks protocol versions ${named}, which are not supported` };
}

/** The answer that `initialize` would have had. */
export function legacyWelcome(discovered: JsonObject, asked: JsonObject): JsonObject {
  const meta = isJsonObject(discovered['_meta']) ? discovered['_meta'] : {};
  const info = meta[META.serverInfo];
  const { instructions } = discovered;
  // Tasks of the older form are not part of its era: a tool must not be run as one there.
  const { tasks: _older, ...offered } = isJsonObject(discovered['capabilities'])
    ? discovered['capabilities']
    : {};
  const capabilities = knowsTasks(offered) ? { ...offered, ...SERVER_DECIDES } : offered;
  return {
    protocolVersion:
      LEGACY_VERSIONS.find((version) => version === asked['protocolVersion']) ?? LEGACY_VERSIONS[0],
    capabilities,
    // It need not say who it is (basic, `_meta`).
    serverInfo: isJsonObject(info) ? info : { name: 'unnamed', version: '0' },
    ...(instructions === undefined ? {} : { instructions }),
  };
}
