import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';

const OWN = 'sallyport/';

/** A result without what only the gate may say in it: an upstream could pass its words off as the gate's refusal. */
export function disown(result: JsonObject): JsonObject {
  const meta = result['_meta'];
  if (!isJsonObject(meta) || !claims(meta)) return result;
  return { ...result, _meta: without(meta) };
}

/** The same for the data of an error, where the gate's refusals stand at the top. */
export function disownData(data: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(data) && claims(data) ? without(data) : data;
}

function claims(object: JsonObject): boolean {
  return Object.keys(object).some(isOwn);
}

function without(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !isOwn(key)));
}

/** Readers may be lenient about case and white space. */
function isOwn(key: string): boolean {
  return key.trim().toLowerCase().startsWith(OWN);
}
