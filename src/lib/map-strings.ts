import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

export type MapStringsOptions = {
  readonly mapKey?: (key: string) => string;
  /** Members in which strings are told no key: whoever wrote what is in there names it as they like. */
  readonly opaque?: string;
};

/** A copy with each string that is a value mapped; `key` is the name of the member it stands under. */
export function mapStrings(
  object: JsonObject,
  map: (text: string, key: string) => string,
  { mapKey = (key) => key, opaque }: MapStringsOptions = {},
): Record<string, JsonValue | undefined> {
  function mapValue(
    value: JsonValue | undefined,
    key: string,
    isOpaque: boolean,
  ): JsonValue | undefined {
    if (typeof value === 'string') return map(value, key);
    if (isJsonObject(value)) return mapObject(value, isOpaque || key === opaque);
    if (!Array.isArray(value)) return value;
    return value.map((inner: JsonValue) => mapValue(inner, key, isOpaque) ?? null);
  }
  function mapObject(value: JsonObject, isOpaque: boolean): Record<string, JsonValue | undefined> {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        mapKey(key),
        mapValue(inner, isOpaque ? '' : key, isOpaque),
      ]),
    );
  }
  return mapObject(object, false);
}
