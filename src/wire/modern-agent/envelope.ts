import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { isLogLevel } from '../log-levels.ts';
import { LEGACY_VERSIONS } from '../methods.ts';
import {
  knowsTasks,
  META,
  MODERN_VERSIONS,
  readRequestMeta,
  WITH_TASKS,
  type RequestMeta,
} from '../modern/meta.ts';
import { ModernRefusal } from './refusal.ts';

/** All versions of the endpoint, so that a client of either era finds its own. */
export const SERVED_VERSIONS: readonly string[] = [...MODERN_VERSIONS, ...LEGACY_VERSIONS];

/** Whether the message names a version for itself, and with it says that it is no legacy one. */
export function claimsModern(params: JsonObject): boolean {
  const meta = params['_meta'];
  return isJsonObject(meta) && meta[META.version] !== undefined;
}

export function isModernVersion(version: string | undefined): boolean {
  return MODERN_VERSIONS.some((known) => known === version);
}

/** `initialize` is the handshake of the legacy era, unless everything about it is modern. */
export function shakesHands(method: string, params: JsonObject): boolean {
  if (method !== 'initialize') return false;
  const meta = readRequestMeta(params);
  return 'malformed' in meta || !isModernVersion(meta.version);
}

/** What a modern request says of its sender. Throws `ModernRefusal`. */
export function readEnvelope(params: JsonObject): RequestMeta {
  const meta = readRequestMeta(params);
  if ('malformed' in meta) throw malformedMeta(meta.malformed);
  if (meta.logLevel !== undefined && !isLogLevel(meta.logLevel)) throw malformedMeta(META.logLevel);
  return meta;
}

export function malformedMeta(key: string): ModernRefusal {
  return new ModernRefusal(
    'meta-malformed',
    `Cannot accept the request: ${key} is missing in _meta, or is not what it must be`,
  );
}

/** Throws `ModernRefusal` with the versions that are served. */
export function requireVersion(requested: string): void {
  if (!isModernVersion(requested)) throw unsupported(requested, SERVED_VERSIONS);
}

export function unsupported(requested: string, supported: readonly string[]): ModernRefusal {
  return new ModernRefusal('version', 'Unsupported protocol version', {
    supported,
    requested: requested.slice(0, 64),
  });
}

/** Tasks are for requests that say themselves that their client knows them. Throws `ModernRefusal`. */
export function requireTasks({ capabilities }: RequestMeta): void {
  if (!knowsTasks(capabilities)) throw missingTasks();
}

export function missingTasks(): ModernRefusal {
  return new ModernRefusal('capability-missing', 'Missing required client capability', {
    requiredCapabilities: WITH_TASKS,
  });
}
