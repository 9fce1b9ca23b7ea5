import { issue, spend, type Output, type RawResult, type Reply } from '../call.ts';
import { Denial } from '../denial.ts';
import { createPipeline, type Message, type RunCall, type Stages } from '../pipeline.ts';
import type { Upstream } from './upstream.ts';

export type SubscriptionOptions = {
  /** The way of a read: who may not read may not follow, and what following sends is written down first. */
  readonly stages: Stages;
  /** Sends `method` in place of the read that was decided about. */
  readonly dispatchAs: (method: string) => Stages['dispatch'];
  readonly timeoutMs: number;
};

export interface Subscriptions {
  /** Answers `resources/subscribe` and `resources/unsubscribe`. */
  readonly handle: (
    method: string,
    message: Omit<Message, 'method'>,
    signal: AbortSignal,
  ) => Promise<Reply>;
  readonly has: (server: string) => boolean;
  /** Subscribes again after a re-connection. */
  renew(upstream: Upstream): void;
}

const MAX_PER_SERVER = 1000;

/** Resource subscriptions of one client: who may read may follow. */
export function createSubscriptions(options: SubscriptionOptions): Subscriptions {
  const followed = new Map<string, Set<string>>();
  const subscribe = runAs('resources/subscribe');
  const unsubscribe = runAs('resources/unsubscribe');
  /** What was asked last of each resource, while it is on its way. */
  const last = new Map<unknown, Promise<Reply>>();

  function runAs(method: string): RunCall {
    const dispatch = options.dispatchAs(method);
    return createPipeline({
      ...options.stages,
      // An answer without contents: it has no shape of its own, and is scanned like any other.
      validate,
      async dispatch(grant, signal) {
        const { server, name } = grant.permit.call.subject;
        const uris = followed.get(server) ?? new Set<string>();
        followed.set(server, uris);
        const isNew = method === 'resources/subscribe' && !uris.has(name);
        if (isNew && uris.size >= MAX_PER_SERVER)
          throw new Denial(
            'rate-limited',
            `Cannot subscribe: ${MAX_PER_SERVER} resources of ${server} are followed already`,
          );
        // Before the answer: an update may come in the same chunk.
        if (isNew) uris.add(name);
        let done = false;
        try {
          const raw = await dispatch(grant, signal);
          done = !raw.failed;
          return raw;
        } finally {
          if (done ? method === 'resources/unsubscribe' : isNew) uris.delete(name);
        }
      },
    });
  }

  return {
    async handle(method, message, signal) {
      const run = method === 'resources/subscribe' ? subscribe : unsubscribe;
      const { uri } = message.params;
      // One after the other: on ways of their own the first could end last, and the client have what it asked for first.
      const before = last.get(uri)?.catch(() => undefined);
      const own = (async () => {
        await before;
        return await run({ ...message, method: 'resources/read' }, signal);
      })();
      last.set(uri, own);
      try {
        return await own;
      } finally {
        if (last.get(uri) === own) last.delete(uri);
      }
    },
    has: (server) => (followed.get(server)?.size ?? 0) > 0,
    renew(upstream) {
      const limits = {
        signal: new AbortController().signal,
        timeoutMs: options.timeoutMs,
        maxTotalMs: options.timeoutMs,
      };
      for (const uri of followed.get(upstream.name) ?? [])
        upstream.request('resources/subscribe', { uri }, limits).catch(() => undefined);
    },
  };
}

function validate(proof: RawResult): Output {
  const raw = spend('RawResult', proof);
  if (raw.grant.permit.obligations.redact.length === 0)
    return issue('Output', { raw, result: raw.result });
  // Where data is to be taken out, what need not be there at all is left out.
  const { code } = raw.result;
  const result = raw.failed ? { code, message: 'Cannot follow the resource' } : {};
  return issue('Output', { raw, result });
}
