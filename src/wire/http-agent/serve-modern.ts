import type { ServerResponse } from 'node:http';
import type { Caller } from '../../call.ts';
import { personOf } from '../../person.ts';
import type { Classified } from '../frames.ts';
import type { ModernAgent } from '../modern-agent/modern-agent.ts';
import { createAgree } from '../modern-agent/mirrored.ts';
import { ModernRefusal } from '../modern-agent/refusal.ts';
import type { RequestMeta } from '../modern/meta.ts';
import type { AnswerStatus } from './answer-status.ts';
import { asHttp } from './era.ts';
import { createModernExchange, type ModernExchange } from './modern-exchange.ts';
import { createUnread, type Unread } from './unread.ts';

type Request = Extract<Classified, { kind: 'request' }>;

export type ServeModernOptions = {
  readonly agent: ModernAgent;
  readonly limits: {
    readonly patienceMs: number;
    readonly queueBytes: number;
    readonly unreadBytes: number;
  };
  readonly answerStatus: AnswerStatus;
};

export interface ServeModern {
  /** Throws `HttpRefusal`. `recheck` resolves to whether the request's token still says the same. */
  request(
    caller: Caller,
    message: Request,
    meta: RequestMeta,
    response: ServerResponse,
    header: (name: string) => string | undefined,
    recheck: () => Promise<boolean>,
  ): void;
  tick(): void;
  /** Requests in flight; those that listen have no end to wait for. */
  readonly inFlight: number;
  close(): Promise<void>;
}

/** Modern requests over HTTP: each has its own stream, and closing that cancels it (2026-07-28, cancellation). */
export function createServeModern({
  agent,
  limits,
  answerStatus,
}: ServeModernOptions): ServeModern {
  type Row = {
    readonly listens: boolean;
    readonly check: () => void;
    /** All of the answer is on its way, or the client has gone. */
    readonly sent: Promise<void>;
  };
  const open = new Map<ModernExchange, Row>();
  /** By who asks: a modern client has no session. */
  const unread = new Map<string, Unread>();

  function unreadOf(caller: Caller): Unread {
    const person = personOf(caller);
    const known = unread.get(person) ?? createUnread(() => unread.delete(person));
    unread.set(person, known);
    return known;
  }

  return {
    request(caller, message, meta, response, header, recheck) {
      const { id, method, params } = message;
      const own = unreadOf(caller);
      own.check(id, limits.unreadBytes);
      own.add(response);
      const exchange = createModernExchange({
        response,
        id,
        ...limits,
        statusOf: (frame) => answerStatus(frame, caller),
      });
      const listens = method === 'subscriptions/listen';
      let cancel: () => void;
      try {
        const agree = createAgree(header, params['arguments']);
        cancel = agent.request({ caller, method, params, meta, agree }, exchange);
      } catch (thrown) {
        exchange.abandon();
        throw thrown instanceof ModernRefusal ? asHttp(thrown, id) : thrown;
      }
      if (exchange.done) return;
      open.set(exchange, {
        listens,
        sent: new Promise((resolve) => {
          response.once('finish', resolve).once('close', resolve);
        }),
        check() {
          // A stream that stays open for days must not outlive the token that opened it.
          if (listens)
            recheck()
              .catch(() => false)
              .then((same) => same || response.destroy())
              .catch(() => undefined);
        },
      });
      response.once('close', () => {
        open.delete(exchange);
        if (!exchange.done) cancel();
      });
    },
    tick() {
      agent.tick();
      for (const [exchange, { check }] of open) {
        exchange.beat();
        check();
      }
    },
    get inFlight() {
      return [...open].filter(([, { listens }]) => !listens).length;
    },
    async close() {
      const last = [...open.values()].map(async ({ sent }) => await sent);
      await agent.close();
      await Promise.all(last);
    },
  };
}
