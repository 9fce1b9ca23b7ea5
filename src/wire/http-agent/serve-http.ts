import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../call.ts';
import type { About } from '../about.ts';
import type { OpenAgentSession } from '../agent.ts';
import { createModernAgent } from '../modern-agent/modern-agent.ts';
import { createAnswerStatus } from './answer-status.ts';
import { admitOrigin, preflight } from './cors.ts';
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { createIdentify, type IdentifyOptions } from './identify.ts';
import { HttpRefusal, type RefusalReason } from './refusal.ts';
import { asHost, createHeadCheck, readTarget, type HeadRules } from './request-head.ts';
import { sendEmpty, sendJson } from './respond.ts';
import { createServeMethods } from './serve-methods.ts';
import { createServeModern } from './serve-modern.ts';
import { createSessionTable } from './session-table.ts';

/** A request that became nothing; for the audit. Without its token, its body and its session id. */
export type RefusedRequest = {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly message: string;
  readonly remote: string;
  /** Who asked, where that was known by then. */
  readonly caller?: Caller;
};

export type ServeHttpOptions = HeadRules &
  IdentifyOptions & {
    readonly host?: string;
    /** 0: any free one. */
    readonly port: number;
    readonly path?: string;
    readonly open: OpenAgentSession;
    /** What modern clients are told of the gateway. */
    readonly about: About;
    readonly introduce: (caller: Caller) => Promise<About>;
    readonly limits?: Partial<HttpLimits>;
    readonly onRefused: (refused: RefusedRequest) => void;
    /** A mistake of the program; the client learns nothing of it. */
    readonly onFailed: (thrown: unknown) => void;
    /** Ends the server like `close()`. */
    readonly signal?: AbortSignal;
  };

export type HttpAgent = {
  readonly url: string;
  /** Takes no more requests, waits for those in flight (bounded), ends the sessions. */
  close(): Promise<void>;
};

/** How long what is left of a refused body is read and thrown away, so that its sender sees the answer. */
const LINGER_MS = 1000;
const MAX_HEAD_BYTES = 32_768;

/**
 * MCP over Streamable HTTP, both eras (specification 2025-11-25 and 2026-07-28, transports). Plain `node:http`: the checks need its
 * raw headers, its time-outs and the back-pressure of its sockets, and there are four routes.
 */
export async function serveHttp(options: ServeHttpOptions): Promise<HttpAgent> {
  options.signal?.throwIfAborted();
  const { host = '127.0.0.1', path = '/mcp', resource } = options;
  const limits: HttpLimits = { ...HTTP_LIMITS, ...options.limits };
  const { onRefused, onFailed } = options;
  const answerStatus = createAnswerStatus(resource);
  const sessions = createSessionTable({ open: options.open, limits, answerStatus, onFailed });
  const modern = createServeModern({
    agent: createModernAgent({
      open: (inner) => options.open({ ...inner, transport: 'http', isInner: () => true }),
      about: options.about,
      introduce: options.introduce,
      limits,
      onFailed,
    }),
    limits,
    answerStatus,
  });
  const { identify, recheck } = createIdentify(options);
  const methods = createServeMethods({ sessions, modern, recheck, limits, onIgnored: note });
  let checkHead = createHeadCheck(options, { host, port: options.port });
  const callers = new WeakMap<IncomingMessage, Caller>();
  let closing: Promise<void> | undefined;

  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.headMs),
      keepAliveTimeout: 30_000,
    },
    handle,
  );
  server.on('checkContinue', handle);
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.stallMs;

  function handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => undefined);
    // Sent before the one ahead of it was answered: its response has no socket yet, and would not hear the client go.
    if (response.socket === null) {
      request.socket.destroy();
      return;
    }
    route(request, response).catch((thrown: unknown) => refuse(request, response, thrown));
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = readTarget(request);
    if (target === '/healthz' && request.method === 'GET') {
      sendJson(response, closing ? 503 : 200, { status: closing ? 'draining' : 'ok' });
      return;
    }
    const origin = checkHead(request);
    if (origin !== undefined) admitOrigin(response, origin);
    if (resource?.paths.includes(target) && request.method === 'GET') {
      sendJson(response, 200, resource.metadata);
      return;
    }
    if (target !== path) throw new HttpRefusal('target', 'Cannot find this path');
    if (request.method === 'OPTIONS' && origin !== undefined) {
      sendEmpty(response, 204, preflight(request));
      return;
    }
    const serve = methods.get(request.method ?? '');
    if (serve === undefined)
      throw new HttpRefusal('method', 'Method not allowed', {
        headers: { allow: [...methods.keys()].join(', ') },
      });
    if (closing)
      throw new HttpRefusal('draining', 'Cannot accept the request: shutting down', {
        headers: { connection: 'close' },
      });
    // Of every request, before its body is read.
    const caller = await identify(request);
    callers.set(request, caller);
    // The client went meanwhile: what is begun for it now would never hear of that.
    if (response.destroyed) return;
    await serve(request, response, caller);
  }

  function note(request: IncomingMessage, refusal: HttpRefusal): void {
    const caller = callers.get(request);
    try {
      onRefused({
        reason: refusal.reason,
        status: refusal.status,
        message: refusal.message,
        remote: request.socket.remoteAddress ?? '',
        ...(caller ? { caller } : {}),
      });
    } catch (failed) {
      // The request is refused all the same; an audit that cannot be written must not end the process.
      onFailed(failed);
    }
  }

  function refuse(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
    const refusal = HttpRefusal.from(thrown);
    if (refusal.reason === 'internal') onFailed(refusal.cause);
    note(request, refusal);
    sendJson(response, refusal.status, refusal.body, refusal.headers);
    if (request.complete) return;
    request.resume();
    setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, LINGER_MS).unref();
  }

  async function drain(): Promise<void> {
    clearInterval(beat);
    const closed = new Promise((resolve) => server.close(resolve));
    const deadline = performance.now() + limits.drainMs;
    while (sessions.inFlight + modern.inFlight > 0 && performance.now() < deadline) await sleep(20);
    const ended = Promise.all([sessions.endAll(), modern.close()]);
    // It keeps the process alive: with nothing else left to do Node would end before this does, with exit code 13.
    const over = new AbortController();
    const patience = sleep(limits.drainMs, undefined, { signal: over.signal });
    await Promise.race([ended, patience.catch(() => undefined)]);
    over.abort();
    server.closeAllConnections();
    await closed;
  }

  async function close(): Promise<void> {
    await (closing ??= drain());
  }

  const beat = setInterval(() => {
    sessions.tick();
    modern.tick();
  }, limits.beatMs).unref();
  options.signal?.addEventListener('abort', () => void close(), { once: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  checkHead = createHeadCheck(options, { host, port });
  return { url: `http://${asHost(host)}:${port}${path}`, close };
}
