import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import { serve, startFrames, type FramesTalk, type Program } from './frames-client.ts';
import { createGate, type Gate } from './gate.ts';
import { httpFrames, type HttpPlace } from './http-frames.ts';
import { startHttpGate } from './http-gate.ts';
import { stringOf } from './string-of.ts';

/** One of two connections to the same kind of server. */
export type Side = {
  readonly client: FramesTalk;
  /** A name or URI of the server's own as this side knows it. */
  readonly name: (own: string) => string;
  readonly uri: (own: string) => string;
};
export type Step = (side: Side) => Promise<unknown>;

const LISTS = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'];

/** Has everything the server offers to such a client pinned, as an owner would who finds none of it dangerous. */
export async function pinAsHarmless(
  context: TestContext,
  gate: Gate,
  servers: readonly string[],
  capabilities: JsonObject,
): Promise<void> {
  const client = startFrames(context, serve(gate));
  await client.open(capabilities);
  // A first list does not wait for one that starts slowly.
  await Promise.all(
    servers.map(async (server) => {
      await client.said(new RegExp(`"server":"${server}".*"msg":"upstream-up"`, 'u'));
    }),
  );
  await Promise.all(LISTS.map(async (method) => await client.request(method)));
  await client.end();
  const file = join(gate.folder, 'sallyport.lock.json');
  const lock: unknown = JSON.parse(await readFile(file, 'utf8'), (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'reviewed' in value
      ? { ...value, classes: ['read'], source: [], sink: [], reviewed: true }
      : value,
  );
  await writeFile(file, JSON.stringify(lock));
}

export type Through = {
  /** How the client speaks to the gate; absent: stdio. */
  readonly agent?: 'stdio' | 'HTTP';
  /** What stands behind the gate; absent: the same program that is started directly. */
  readonly program?: Program;
};

/** Starts `program` directly and behind a gate that permits everything, and shakes hands with both. */
export async function twoSides(
  context: TestContext,
  server: string,
  program: Program,
  capabilities: JsonObject,
  answer: FramesTalk['answer'],
  through: Through = {},
): Promise<readonly [direct: Side, through: Side]> {
  const servers = { [server]: through.program ?? program };
  const gate = await createGate(context, {
    servers,
    pinned: false,
    config: { catalogue: { onNew: 'pin' } },
  });
  await pinAsHarmless(context, gate, [server], capabilities);
  const clients = [
    startFrames(context, program),
    through.agent === 'HTTP'
      ? httpFrames(context, await overHttp(context, gate, servers))
      : startFrames(context, serve(gate)),
  ] as const;
  await Promise.all(
    clients.map(async (client) => {
      client.answer = answer;
      await client.open(capabilities);
    }),
  );
  return [
    { client: clients[0], name: (own) => own, uri: (own) => own },
    {
      client: clients[1],
      name: (own) => `${server}__${own}`,
      uri: (own) => `sallyport://${server}/${own}`,
    },
  ];
}

async function overHttp(
  context: TestContext,
  { folder }: Gate,
  servers: Record<string, object>,
): Promise<HttpPlace> {
  const lock = await readFile(join(folder, 'sallyport.lock.json'), 'utf8');
  const policy = '@id("test.all") permit(principal, action, resource);';
  const gate = await startHttpGate(context, { servers, policy, lock });
  return { url: gate.url, token: await gate.token() };
}

/**
 * What a step brought, without what may differ: names, URIs, ids of requests, the hour, random identifiers, the mark of
 * origin on questions to a person, the envelope of the modern era. Announcements that lists changed may come at any time after the start.
 */
export async function play(step: Step, side: Side): Promise<JsonObject> {
  const from = side.client.received.length;
  const result = await step(side);
  const others = side.client.received
    .slice(from)
    .filter(({ method }) => method !== undefined && !stringOf(method).endsWith('/list_changed'));
  return normal({ result: isJsonObject(result) ? result : String(result), others }, side);
}

const isEnvelope = (key: string): boolean => key.startsWith('io.modelcontextprotocol/');

/** What a modern server adds to every result, and what it is told with every request. */
function isOfModernEra([name, value]: readonly [string, JsonValue | undefined]): boolean {
  if (name === 'resultType') return value === 'complete';
  if (name === 'ttlMs' || name === 'cacheScope') return true;
  if (name !== '_meta' || !isJsonObject(value)) return isEnvelope(name);
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every(isEnvelope);
}

function normal(value: JsonObject, { name, uri }: Side): JsonObject {
  const prefixes = [name(''), uri('')].filter((prefix) => prefix !== '');
  const origin = prefixes.length === 0 ? '' : `[${name('').replace(/__$/u, '')}] `;
  function withoutPrefix(text: string): string {
    const prefix = prefixes.find((known) => text.startsWith(known)) ?? '';
    return text.slice(prefix.length);
  }
  function visit(given: JsonValue, key: string): JsonValue {
    // Of a request, as its receiver sees it.
    const hasToken = key === '_meta' && isJsonObject(given) && given['progressToken'] !== undefined;
    const member = hasToken ? { ...given, progressToken: 'a token' } : given;
    if (typeof member === 'string') {
      if (key === 'name' || key === 'uri' || key === 'uriTemplate') return withoutPrefix(member);
      if (key === 'message' && origin !== '' && member.startsWith(origin))
        return member.slice(origin.length);
      // The everything server writes the hour into its blobs too.
      const text = key === 'blob' ? Buffer.from(member, 'base64').toString('latin1') : member;
      return text
        .replaceAll(/\d{1,2}:\d\d:\d\d [AP]M/gu, 'the hour')
        .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gu, 'an identifier');
    }
    if (Array.isArray(member)) return member.map((item: JsonValue) => visit(item, ''));
    if (!isJsonObject(member)) return member;
    const { id, ...rest } = member;
    const kept = member['jsonrpc'] === undefined ? member : rest;
    const inner = Object.entries(kept)
      .filter((entry) => !isOfModernEra(entry))
      .map(([name, child]) => [name, child === undefined ? child : visit(child, name)] as const);
    return Object.fromEntries(
      id === undefined || kept === member ? inner : [...inner, ['id', typeof id]],
    );
  }
  const visited = visit(value, '');
  if (!isJsonObject(visited)) throw new TypeError('not an object');
  return visited;
}
