import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parseJson, isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { follow } from '../../src/plans/pointer.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { serve, startFrames, type FramesClient } from '../support/frames-client.ts';
import { createGate, type Gate, type GateSetting } from '../support/gate.ts';
import { listedIn } from '../support/replies.ts';
import { stringOf } from '../support/string-of.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

/** What the owner of the bank's gateway has said of its tools. */
const LOCKED: Readonly<Record<string, { classes: string[]; source: string[]; sink: string[] }>> = {
  read_bill: { classes: ['read'], source: ['untrusted'], sink: [] },
  read_secret: { classes: ['read'], source: ['secret'], sink: [] },
  echo: { classes: ['read'], source: [], sink: [] },
  say: { classes: ['read'], source: [], sink: [] },
  big: { classes: ['read'], source: [], sink: [] },
  flaky: { classes: ['read'], source: [], sink: [] },
  pay: { classes: ['financial'], source: [], sink: ['pay'] },
  send_mail: { classes: ['external_communication'], source: [], sink: ['external'] },
};

export type Bank = Gate & {
  /** Calls that reached the bank, in order. */
  readonly calls: () => { readonly tool: string; readonly args: JsonObject }[];
  readonly open: (capabilities?: JsonObject) => Promise<Client>;
  /** Changes what the lock file says of a tool. */
  readonly relock: (tool: string, change: JsonObject) => void;
};

export type Client = FramesClient & {
  readonly call: (tool: string, args?: JsonObject) => Promise<JsonObject>;
  /** The structured content of the answer of one of the gateway's own tools. */
  readonly plan: (verb: string, args: JsonObject) => Promise<JsonObject>;
};

/** A gateway that offers plans, in front of a bank whose tools are reviewed; of some the model gets handles. */
export async function openBank(
  context: TestContext,
  setting: Partial<GateSetting> = {},
  handles: readonly string[] = [],
): Promise<Bank> {
  const log = join(await scratch(context), 'calls.jsonl');
  const main = join(packageRoot(), 'dist', 'test', 'support', 'bank-server.js');
  const gate = await createGate(context, {
    servers: {
      bank: {
        command: process.execPath,
        args: [main, log],
        ...(handles.length > 0 && { handles }),
      },
    },
    ...setting,
    config: { plans: {}, ...setting.config },
  });
  const lock = join(gate.folder, 'sallyport.lock.json');
  function relock(tool: string, change: JsonObject): void {
    const document = read(readFileSync(lock, 'utf8'));
    const held = follow(document, ['servers', 'bank', 'tools', tool]);
    if (!isJsonObject(held)) throw new TypeError(`${tool} is not in the lock file`);
    writeFileSync(
      lock,
      JSON.stringify(document).replace(
        JSON.stringify(held),
        JSON.stringify({ ...held, ...change }),
      ),
    );
  }
  for (const [tool, said] of Object.entries(LOCKED)) relock(tool, { ...said, reviewed: true });
  return {
    ...gate,
    relock,
    calls: () =>
      (existsSync(log) ? readFileSync(log, 'utf8') : '').split('\n').flatMap((line) => {
        const { tool, args } = line === '' ? {} : read(line);
        return isJsonObject(args) ? [{ tool: stringOf(tool), args }] : [];
      }),
    async open(capabilities = {}) {
      const client = startFrames(context, serve(gate));
      await client.open(capabilities);
      await until(async () => {
        const listed = listedIn(await client.request('tools/list'));
        return listed.includes('bank__read_bill');
      });
      const call = async (tool: string, args: JsonObject = {}): Promise<JsonObject> =>
        await client.request('tools/call', { name: tool, arguments: args });
      return Object.assign(client, {
        call,
        plan: async (verb: string, args: JsonObject) =>
          contentOf(await call(`sallyport__plan_${verb}`, args)),
      });
    },
  };
}

export function contentOf(frame: JsonObject): JsonObject {
  const { result } = frame;
  const content = isJsonObject(result) ? result['structuredContent'] : undefined;
  if (isJsonObject(content)) return content;
  throw new Error(`no structured content: ${JSON.stringify(frame)}`);
}

/** `id: state`, with the code of what failed. */
export function statesOf(run: JsonObject): string[] {
  return stepsIn(run).map(({ id, state, code }) =>
    [`${stringOf(id)}: ${stringOf(state)}`, ...(code === undefined ? [] : [stringOf(code)])].join(
      ' ',
    ),
  );
}

function stepsIn({ steps }: JsonObject): JsonObject[] {
  const all: readonly unknown[] = Array.isArray(steps) ? steps : [];
  return all.filter((step): step is JsonObject => isJsonObject(step));
}

/** What a step of a run has shown. */
export function shownBy(run: JsonObject, id: string): unknown {
  return stepsIn(run).find((step) => step['id'] === id)?.['result'];
}

/** The payload of a compact JWS, unverified. */
export function payloadOf(token: unknown): JsonObject {
  const [, payload = ''] = stringOf(token).split('.');
  return read(Buffer.from(payload, 'base64url').toString());
}

function read(text: string): JsonObject {
  const value = parseJson(text, { maxBytes: 1 << 24, maxDepth: 32 });
  if (!isJsonObject(value)) throw new TypeError('no object');
  return value;
}
