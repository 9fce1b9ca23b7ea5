import type { TestContext } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import type { OpenChannel } from '../../src/wire/channel.ts';
import type { Classified } from '../../src/wire/frames.ts';
import { LEGACY_VERSIONS } from '../../src/wire/methods.ts';
import { createUpstream, type Upstream } from '../../src/wire/upstream.ts';

export type Reached = {
  readonly upstream: Upstream;
  /** Methods of what came unasked, in order. */
  readonly told: string[];
  readonly asked: Extract<Classified, { kind: 'request' }>[];
  readonly refused: string[];
  readonly downs: string[];
  readonly call: (name: string, timeoutMs?: number) => Promise<JsonObject>;
};

export const CAPABILITIES = { sampling: {}, elicitation: {}, roots: {} };

/** The real upstream of the gateway on this channel, ready or down; what it is asked goes to `answer`. */
export async function upstreamTo(
  context: TestContext,
  open: OpenChannel,
  answer: (method: string) => JsonObject | 'never' = () => ({ result: {} }),
): Promise<Reached> {
  const told: string[] = [];
  const asked: Reached['asked'] = [];
  const refused: string[] = [];
  const downs: string[] = [];
  const upstream = createUpstream({
    name: 'bad',
    open,
    initialize: Promise.resolve({
      protocolVersion: LEGACY_VERSIONS[0],
      capabilities: CAPABILITIES,
      clientInfo: { name: 'test', version: '1' },
    }),
    timings: { connectMs: 30_000, backoffMs: 50, backoffMaxMs: 50 },
    maxNotificationsPerSecond: 100,
    events: {
      onReady: async () => await Promise.resolve(),
      onDown: (reason) => void downs.push(reason),
      onRequest(request) {
        asked.push(request);
        const reply = answer(request.method);
        if (reply !== 'never') upstream.respond({ jsonrpc: '2.0', id: request.id, ...reply });
      },
      onNotification: ({ method }) => void told.push(method),
      onRefused: (reason) => void refused.push(reason),
    },
  });
  context.after(async () => await upstream.close());
  await upstream.settled;
  return {
    upstream,
    told,
    asked,
    refused,
    downs,
    async call(name, timeoutMs = 30_000) {
      const limits = {
        signal: new AbortController().signal,
        timeoutMs,
        maxTotalMs: timeoutMs,
      };
      return await upstream.request('tools/call', { name, arguments: {} }, limits);
    },
  };
}
