import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../../call.ts';
import { freezeJson } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import { classify, problemCode, readFrame, type Classified } from '../frames.ts';
import { readEra, requireLegacyMethod } from './era.ts';
import type { Identify } from './identify.ts';
import { readBody } from './read-body.ts';
import { HttpRefusal } from './refusal.ts';
import { requireAccept, requireJson } from './request-head.ts';
import { sendEmpty } from './respond.ts';
import type { ServeModern } from './serve-modern.ts';
import type { SessionTable } from './session-table.ts';

export type ServeMethodsOptions = {
  readonly sessions: SessionTable;
  readonly modern: ServeModern;
  /** Whom the token of a request names now; nothing is proved anew. */
  readonly recheck: Identify;
  readonly limits: { readonly maxBodyBytes: number; readonly beatMs: number };
  /** Takes what is thrown away although its sender gets no error; for the audit. */
  readonly onIgnored: (request: IncomingMessage, refusal: HttpRefusal) => void;
};

/** Serves a request whose head is fine and whose caller is known. Rejects with `HttpRefusal`. */
export type ServeMethod = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
) => Promise<void>;

/** The methods of the endpoint; one that is not in it is refused. */
export function createServeMethods(options: ServeMethodsOptions): ReadonlyMap<string, ServeMethod> {
  const { sessions, modern, recheck, limits } = options;

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
        const now = await recheck(request);
        return JSON.stringify(now) === JSON.stringify(caller);
      });
      return;
    }
    if (era.era === 'modern-notification') {
      options.onIgnored(request, ignored(message));
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
    const session = opens ? await sessions.create(caller) : sessions.find(request, caller);
    // It may have gone while it waited for its place, and nobody would ever ask this session anything.
    if (opens && response.destroyed) {
      await sessions.end(session);
      return;
    }
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
    const checks = setInterval(() => {
      recheck(request).catch(() => response.end());
    }, limits.beatMs).unref();
    response.once('close', () => clearInterval(checks));
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

  return new Map([
    ['POST', post],
    ['GET', get],
    ['DELETE', remove],
  ]);
}

/** The answer to a notification is the same whatever becomes of it (transports, sending messages). */
function ignored(message: Classified): HttpRefusal {
  const what = message.kind === 'notification' ? message.method.slice(0, 128) : message.kind;
  return new HttpRefusal('notification', `Cannot use ${what}: it does nothing over HTTP`);
}

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
