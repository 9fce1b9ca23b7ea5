import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { INTRODUCTION } from './definition.ts';

/**
 * What a server says of itself in its answer to `initialize`, as the one definition of its kind; none where it says no more
 * than its name. Its version is left out: it changes with every release and tells the model nothing.
 */
export function introductionOf(welcome: JsonObject): readonly JsonObject[] {
  const { instructions, serverInfo } = welcome;
  const { version: _version, name, ...said } = isJsonObject(serverInfo) ? serverInfo : {};
  const speaks = instructions !== undefined && instructions !== '';
  if (!speaks && Object.keys(said).length === 0) return [];
  return [
    {
      name: INTRODUCTION,
      ...(speaks ? { instructions } : {}),
      serverInfo: { ...(name === undefined ? {} : { name }), ...said },
    },
  ];
}
