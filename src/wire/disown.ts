import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { META } from './modern/meta.ts';

const OWN = 'sallyport/';
/** What a modern message says of its sender or its stream: between the server and the gate, and the gate's to say to a client. */
const BETWEEN: ReadonlySet<string> = new Set(Object.values(META).map((key) => key.toLowerCase()));

/** A result without what only the gate may say in it: an upstream could pass its words off as the gate's refusal. */
export function disown(result: JsonObject): JsonObject {
  const meta = result['_meta'];
  if (!isJsonObject(meta) || !claims(meta, isOwn)) return result;
  return { ...result, _meta: without(meta, isOwn) };
}

/** The same for the data of an error, where the gate's refusals stand at the top. */
export function disownData(data: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(data) && claims(data, isOwn) ? without(data, isOwn) : data;
}

/** The same for the params of what a server asks and tells, which also may not claim a client's subscription. */
export function disownParams(params: JsonObject): JsonObject {
  const meta = params['_meta'];
  if (!isJsonObject(meta) || !claims(meta, isForged)) return params;
  const kept = without(meta, isForged);
  const { _meta, ...others } = params;
  return Object.keys(kept).length === 0 ? others : { ...others, _meta: kept };
}

function claims(object: JsonObject, isTaken: (key: string) => boolean): boolean {
  return Object.keys(object).some(isTaken);
}

function without(object: JsonObject, isTaken: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !isTaken(key)));
}

/** Readers may be lenient about case and white space. */
function isOwn(key: string): boolean {
  return plain(key).startsWith(OWN);
}

function isForged(key: string): boolean {
  return isOwn(key) || BETWEEN.has(plain(key));
}

function plain(key: string): string {
  return key.trim().toLowerCase();
}
