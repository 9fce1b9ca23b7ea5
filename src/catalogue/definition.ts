import { createHash } from 'node:crypto';
import { canonicalJson, isJsonObject } from '../lib/json.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';

/**
 * What an upstream lists. `section`: its array in list results and in the lock file; `id`: the member that names it;
 * `list`: the method that lists it; `capability`: what a server declares that has it.
 */
export const DEFINITION_KINDS = {
  tool: {
    section: 'tools',
    id: 'name',
    subject: 'tool',
    list: 'tools/list',
    capability: 'tools',
  },
  resource: {
    section: 'resources',
    id: 'uri',
    subject: 'resource',
    list: 'resources/list',
    capability: 'resources',
  },
  resourceTemplate: {
    section: 'resourceTemplates',
    id: 'uriTemplate',
    subject: 'resource',
    list: 'resources/templates/list',
    capability: 'resources',
  },
  prompt: {
    section: 'prompts',
    id: 'name',
    subject: 'prompt',
    list: 'prompts/list',
    capability: 'prompts',
  },
  // Not listed: it comes with the handshake, and counts as a prompt that nobody asked for.
  introduction: {
    section: 'introduction',
    id: 'name',
    subject: 'prompt',
    list: 'initialize',
    capability: '',
  },
} as const;
/** The name of the only definition of its kind. */
export const INTRODUCTION = 'introduction';
export type Kind = keyof typeof DEFINITION_KINDS;

/** All kinds, in the order in which they are listed and written. */
export const KINDS = [
  'tool',
  'resource',
  'resourceTemplate',
  'prompt',
  'introduction',
] as const satisfies readonly Kind[];

const hashes = {
  tool: new WeakMap<JsonObject, string>(),
  resource: new WeakMap<JsonObject, string>(),
  resourceTemplate: new WeakMap<JsonObject, string>(),
  prompt: new WeakMap<JsonObject, string>(),
  introduction: new WeakMap<JsonObject, string>(),
} as const;

/**
 * `sha256:` and 64 hex digits over the canonical JSON (RFC 8785) of everything in the definition that is pinned. Of what
 * `freezeJson` froze it is computed once.
 */
export function definitionHash(kind: Kind, definition: JsonObject): string {
  const known = hashes[kind].get(definition);
  if (known !== undefined) return known;
  const hash = computeHash(kind, definition);
  if (Object.isFrozen(definition)) hashes[kind].set(definition, hash);
  return hash;
}

function computeHash(kind: Kind, definition: JsonObject): string {
  const text = canonicalJson(pinnedPart(kind, definition));
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/**
 * The definition without what changes by itself: `size` and `annotations.lastModified` of resources and templates.
 * Everything else counts, `_meta`, icons and unknown members too, because the model or the client may read it.
 */
export function pinnedPart(kind: Kind, definition: JsonObject): JsonObject {
  if (DEFINITION_KINDS[kind].subject !== 'resource') return definition;
  const { size, annotations, ...rest } = definition;
  return {
    ...rest,
    // Only the innocent shape is left out: an upstream must not find an unpinned place for text.
    ...(size === undefined || isSize(size) ? {} : { size }),
    ...(annotations === undefined ? {} : withoutDate(annotations)),
  };
}

function isSize(value: JsonValue): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

function withoutDate(annotations: JsonValue): { annotations?: JsonValue } {
  if (!isJsonObject(annotations)) return { annotations };
  const { lastModified, ...rest } = annotations;
  const isDate = typeof lastModified === 'string' && DATE.test(lastModified);
  if (!isDate) return { annotations };
  return Object.keys(rest).length === 0 ? {} : { annotations: rest };
}

/** The upstream's own name of what it defines: a name, a URI or a URI template; empty when it gave none. */
export function definitionId(kind: Kind, definition: JsonObject): string {
  const id = definition[DEFINITION_KINDS[kind].id];
  return typeof id === 'string' ? id : '';
}
