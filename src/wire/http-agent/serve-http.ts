import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../call.ts';
import { Denial } from '../../denial.ts';
import { bearerToken } from '../../identity/bearer.ts';
import type { ProtectedResource } from '../../identity/protected-resource.ts';
import { freezeJson } from '../../lib/json.ts';
import type { About } from '../about.ts';
import type { OpenAgentSession } from '../agent.ts';
import { classify, problemCode, readFrame, type Classified } from '../frames.ts';
import type { Frame } from '../channel.ts';
import { createModernAgent } from '../modern-agent/modern-agent.ts';
import { readEra, requireLegacyMethod } from './era.ts';
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { readBody } from './read-body.ts';
import { HttpRefusal, type RefusalReason } from './refusal.ts';
import {
  asHost,
  createHeadCheck,
  readTarget,
  requireAccept,
  requireJson,
  type HeadRules,
} from './request-head.ts';
import { sendEmpty, sendJson } from './respond.ts';
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

export type ServeHttpOptions = HeadRules & {
  readonly host?: string;
  /** 0: any free one. */
  readonly port: number;
  readonly path?: string;
  /** Who a token names; called for every request, before its body is read. Throws `Denial`. */
  readonly verify: (token: string | undefined) => Promise<Caller>;
  /** Where clients learn how to get a token. */
  readonly resource?: ProtectedResource;
  readonly open: OpenAgentSession;
  /** What modern clients are told of the gateway. */
  readonly about: About;
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
  const sessions = createSessionTable({ open: options.open, limits, onFailed });
  const modern = createServeModern({
    agent: createModernAgent({
      open: (inner) => options.open({ ...inner, transport: 'http' }),
      about: options.about,
      limits,
      onFailed,
    }),
    limits,
  });
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
    if (origin !== undefined) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', 'mcp-session-id, www-authenticate');
      response.setHeader('vary', 'origin');
    }
    if (resource?.paths.includes(target) && request.method === 'GET') {
      sendJson(response, 200, resource.metadata);
      return;
    }
    if (target !== path) throw new HttpRefusal('target', 'Cannot find this path');
    if (request.method === 'OPTIONS' && origin !== undefined) {
      sendEmpty(response, 204, PREFLIGHT);
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
    const caller = await identify(request);
    callers.set(request, caller);
    await serve(request, response, caller);
  }

  const methods = new Map<string, typeof post>([
    ['POST', post],
    ['GET', get],
    ['DELETE', remove],
  ]);

  async function identify(request: IncomingMessage): Promise<Caller> {
    try {
      return await options.verify(bearerToken(request.headersDistinct['authorization'] ?? []));
    } catch (thrown) {
      const denial = Denial.from(thrown);
      const { code } = denial;
      if (code !== 'token-missing' && code !== 'token-invalid' && code !== 'scope-insufficient')
        throw new HttpRefusal('internal', denial.message, { cause: thrown });
      throw new HttpRefusal(code, denial.message, {
        cause: denial,
        headers: { 'www-authenticate': resource?.challenge(denial) ?? 'Bearer' },
      });
    }
  }

  async function post(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
  ): Promise<void> {
    requireAccept(request, ['application/json', 'text/event-stream']);
    requireJson(request);
    const body = await readBody(request, response, limits.maxBodyBytes);
    const { frame, message } = readMessage(body, limits.maxBodyBytes);
    const era = readEra(message, request.headers);
    if (era.era === 'modern' && message.kind === 'request') {
      const ofRequest = (name: string): string | undefined => header(request, name);
      modern.request(caller, message, era.meta, response, ofRequest, async () => {
        const now = await identify(request);
        return JSON.stringify(now) === JSON.stringify(caller);
      });
      return;
    }
    if (era.era === 'modern-notification') {
      sendEmpty(response, 202);
      return;
    }
    if (message.kind !== 'request') {
      sessions.find(request, caller).take(frame);
      sendEmpty(response, 202);
      return;
    }
    const opens = message.method === 'initialize';
    if (opens && header(request, 'mcp-session-id') !== undefined) {
      sessions.find(request, caller);
      throw new HttpRefusal('session-open', 'Cannot initialize: the session is open', message);
    }
    const session = opens ? sessions.create(caller) : sessions.find(request, caller);
    session.request(message.id, frame, response);
  }

  async function get(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
  ): Promise<void> {
    requireAccept(request, ['text/event-stream']);
    requireLegacyMethod(header(request, 'mcp-protocol-version'));
    sessions.find(request, caller).listen(response, header(request, 'last-event-id'));
    // A stream that stays open for days must not outlive the token that opened it.
    const recheck = setInterval(() => {
      identify(request).catch(() => response.end());
    }, limits.beatMs).unref();
    response.once('close', () => clearInterval(recheck));
  }

  async function remove(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
  ): Promise<void> {
    requireLegacyMethod(header(request, 'mcp-protocol-version'));
    const session = sessions.find(request, caller);
    sendEmpty(response, 204);
    await sessions.end(session);
  }

  function refuse(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
    const refusal = HttpRefusal.from(thrown);
    if (refusal.reason === 'internal') onFailed(refusal.cause);
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
    await Promise.race([ended, sleep(limits.drainMs, undefined, { ref: false })]);
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

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, accept, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name, last-event-id',
  'access-control-max-age': '600',
};

function readMessage(
  body: Uint8Array,
  maxBytes: number,
): { readonly frame: Frame; readonly message: Classified } {
  try {
    const frame = freezeJson(readFrame(body, maxBytes));
    return { frame, message: classify(frame) };
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    const { code, id } = problemCode(thrown);
    throw new HttpRefusal('message', thrown.message, { id, rpc: code });
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
