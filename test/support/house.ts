import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LockEntry } from '../../src/catalogue/lock-file.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { createGate, type Gate } from './gate.ts';
import { received } from './gate.ts';
import { startHttpGate, type HttpGate } from './http-gate.ts';
import { scratch } from './scratch.ts';
import { stringOf } from './string-of.ts';

type Said = Pick<LockEntry, 'classes' | 'source' | 'sink'>;

const NOTHING: Said = { classes: ['read'], source: [], sink: [] };
/** What the owner has said of both servers: nothing but what is here. */
const BOTH: Readonly<Record<string, Said>> = {
  status: NOTHING,
  ask: NOTHING,
  recall: NOTHING,
  keep: { ...NOTHING, classes: ['write'] },
  pay: { ...NOTHING, classes: ['financial'], sink: ['pay'] },
};

const OWN = /^(?:initialize|server\/discover|ping|notifications\/.*|.*\/list|logging\/setLevel)$/u;

/** A house that holds what it should, and a server through which everything leaves it. */
export type House = Gate & {
  /** What has reached the server that is outside, but for refusals and for the gateway's own questions what it offers. */
  readonly left: () => string[];
  /** The same two servers behind a gateway over HTTP. */
  readonly overHttp: (config?: Record<string, unknown>) => Promise<HttpGate>;
};

/** `held` are the labels of what the house holds. The policies are the default ones, with a permit for everything. */
export async function openHouse(
  context: TestContext,
  held: readonly string[],
  config: Record<string, unknown> = {},
): Promise<House> {
  const folder = await scratch(context);
  const out = join(folder, 'out.jsonl');
  const main = join(packageRoot(), 'dist', 'test', 'support', 'house-server.js');
  const serverOf = (log: string): object => ({ command: process.execPath, args: [main, log] });
  const servers = { house: serverOf(join(folder, 'house.jsonl')), out: serverOf(out) };
  const gate = await createGate(context, { servers, config });
  const path = join(gate.folder, 'sallyport.lock.json');
  const lock = reviewed(readFileSync(path, 'utf8'), held);
  writeFileSync(path, lock);
  return {
    ...gate,
    left: () =>
      received(out)
        .filter(({ method, error }) => error === undefined && !OWN.test(stringOf(method ?? '')))
        .map((frame) => JSON.stringify(frame)),
    overHttp: async (more = {}) =>
      await startHttpGate(context, {
        servers,
        lock,
        policy: '@id("test.all") permit(principal, action, resource);',
        config: { ...config, ...more },
      }),
  };
}

function reviewed(text: string, held: readonly string[]): string {
  const document: unknown = JSON.parse(text);
  const { servers } = objectOf(document);
  for (const [server, sections] of Object.entries(objectOf(servers)))
    for (const section of Object.values(objectOf(sections)))
      for (const [name, entry] of Object.entries(objectOf(section))) {
        const other: Said =
          server === 'out'
            ? { classes: ['read'], source: [], sink: ['external'] }
            : { ...NOTHING, source: [...held] };
        Object.assign(objectOf(entry), BOTH[name] ?? other, { reviewed: true });
      }
  return JSON.stringify(document);
}

function objectOf(value: unknown): JsonObject {
  if (!isJsonObject(value)) throw new TypeError('no object');
  return value;
}
