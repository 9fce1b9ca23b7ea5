import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { META } from '../modern/meta.ts';

/** Parameters as the one vocabulary inside has them: without what only this era says. */
export function legacyParams(params: JsonObject): JsonObject {
  const {
    _meta: meta,
    inputResponses: _responses,
    requestState: _state,
    // In this era the server decides what is a task, whatever its client says.
    task: _task,
    ...rest
  } = params;
  if (!isJsonObject(meta)) return rest;
  const {
    [META.version]: _version,
    [META.capabilities]: _capabilities,
    [META.clientInfo]: _info,
    [META.logLevel]: _level,
    ...kept
  } = meta;
  return Object.keys(kept).length > 0 ? { ...rest, _meta: kept } : rest;
}
