import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';

/** Why the gate refused; `undefined` when it did not. */
export function denialOf(frame: JsonObject): string | undefined {
  const { result, error } = frame;
  const carrier = isJsonObject(error)
    ? error['data']
    : isJsonObject(result)
      ? result['_meta']
      : undefined;
  const denial = isJsonObject(carrier) ? carrier['sallyport/denial'] : undefined;
  return isJsonObject(denial) && typeof denial['code'] === 'string' ? denial['code'] : undefined;
}

/** The text of a tool's result, or the message of an error. */
export function textOf({ result, error }: JsonObject): string {
  if (isJsonObject(error)) return typeof error['message'] === 'string' ? error['message'] : '';
  const content = isJsonObject(result) ? result['content'] : undefined;
  const items: readonly unknown[] = Array.isArray(content) ? content : [];
  return items
    .map((item) => (isJsonObject(item) && typeof item['text'] === 'string' ? item['text'] : ''))
    .join('\n');
}

/** Whether a tool says that it failed. */
export function isErrorOf({ result }: JsonObject): boolean {
  return isJsonObject(result) && result['isError'] === true;
}

/** The JSON-RPC error code of an answer. */
export function rpcCodeOf({ error }: JsonObject): unknown {
  return isJsonObject(error) ? error['code'] : undefined;
}

/** How many of these frames are answers: lists may be announced as changed at any time. */
export function countAnswers(frames: readonly JsonObject[]): number {
  return frames.filter(({ method }) => method === undefined).length;
}

/** What a list answered with, by name or URI. */
export function listedIn({ result }: JsonObject): string[] {
  const items = Object.values(isJsonObject(result) ? result : {}).find(Array.isArray);
  return (items ?? []).flatMap((item: unknown) => {
    if (!isJsonObject(item)) return [];
    const name = item['uri'] ?? item['uriTemplate'] ?? item['name'];
    return typeof name === 'string' ? [name] : [];
  });
}
