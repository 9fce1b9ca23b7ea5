import type { IncomingMessage } from 'node:http';
import { withResolvers } from '../../lib/resolvers.ts';
import { answeredId, END_LENGTH } from '../answered-id.ts';
import type { Channel, ChannelEvents, Frame, OpenChannel } from '../channel.ts';
import { readFrame } from '../frames.ts';
import { createAuthorizedClient } from './authorize.ts';
import { Unreachable, type HttpClient, type HttpTimeouts } from './http-client.ts';
import { checkHeaders, EVENTS_TYPE, JSON_TYPE } from './http-link.ts';
import { HTTP_TIMEOUTS, type HttpChannelOptions } from './open-http-channel.ts';
import { mediaType, readBody, readEvents } from './read-answer.ts';
import { ERROR_BYTES } from './read-error.ts';

const MAX_ENDPOINT = 4096;

/**
 * A channel to a server over HTTP+SSE (specification 2024-11-05, transports): one event stream for all that the server
 * says, and an endpoint on the same origin that takes what is said to it. The end of the stream closes the channel. Throws
 * `TypeError` for a URL or headers it must not use.
 */
export function openSseChannel(options: HttpChannelOptions): OpenChannel {
  const timeouts = { ...HTTP_TIMEOUTS, ...options.timeouts };
  checkHeaders(options.headers);
  createAuthorizedClient(options.url, { timeouts }).close();
  return async function openChannel(events, signal) {
    signal.throwIfAborted();
    const client = createAuthorizedClient(options.url, { ...options, timeouts });
    const ended = new AbortController();
    const stop = (): void => ended.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await connect({ ...options, timeouts }, events, client, ended);
    } catch (thrown) {
      ended.abort();
      client.close();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
}

async function connect(
  options: HttpChannelOptions & { readonly timeouts: HttpTimeouts },
  events: ChannelEvents,
  stream: HttpClient,
  ended: AbortController,
): Promise<Channel> {
  const { url, timeouts, maxFrameBytes, onTrouble } = options;
  const { signal } = ended;
  const response = await stream.send({
    method: 'GET',
    headers: { ...options.headers, accept: EVENTS_TYPE },
    signal,
    answerMs: timeouts.connectMs,
  });
  if (response.statusCode !== 200 || mediaType(response) !== EVENTS_TYPE) {
    response.destroy();
    throw new Error(`Cannot open an event stream: status ${response.statusCode}`);
  }
  const named = withResolvers<string | Error>();
  const late = setTimeout(named.resolve, timeouts.connectMs, new Error('it names no endpoint'));
  let endpoint: HttpClient | undefined;
  void listen(response);
  const said = await named.promise;
  clearTimeout(late);
  if (said instanceof Error) throw said;
  const inbox = createAuthorizedClient(endpointOf(said, url), options);
  endpoint = inbox;

  async function listen(from: IncomingMessage): Promise<void> {
    let reason = new Error('the event stream ended');
    try {
      await readEvents(from, {
        maxLength: maxFrameBytes,
        // It may be silent for as long as nothing happens. A dead connection is found by TCP's keep-alive probes, a dead
        // server by the next list that it does not answer.
        silenceMs: 0,
        onRetry: () => undefined,
        onEvent({ type, data }) {
          if (type === 'endpoint') named.resolve(data);
          else if (type === 'message' && data !== '' && !signal.aborted) read(data);
        },
      });
    } catch (thrown) {
      if (thrown instanceof Error) reason = thrown;
    }
    named.resolve(reason);
    lose(reason);
  }

  function read(data: string): void {
    let frame: Frame;
    try {
      frame = readFrame(data, maxFrameBytes);
    } catch (thrown) {
      onTrouble(`not a message: ${String(thrown)}`);
      events.onUnreadable?.(
        thrown instanceof Error ? thrown : new Error('unreadable'),
        answeredId(thrown, data.slice(0, END_LENGTH), data.slice(-END_LENGTH)),
      );
      return;
    }
    events.onFrame(frame);
  }

  function end(reason: Error): void {
    ended.abort(reason);
    stream.close();
    endpoint?.close();
  }

  function lose(reason: Error): void {
    if (signal.aborted) return;
    end(reason);
    // Before there is an endpoint there is no channel that could be closed.
    if (endpoint) events.onClose(reason);
  }

  return {
    async send(frame, caller) {
      if (signal.aborted) throw new Error('Cannot send: the channel is closed');
      try {
        const answer = await inbox.send({
          method: 'POST',
          headers: { ...options.headers, accept: JSON_TYPE, 'content-type': JSON_TYPE },
          body: JSON.stringify(frame),
          signal,
          answerMs: timeouts.answerMs,
          caller,
        });
        await readBody(answer, ERROR_BYTES, timeouts.bodyMs);
        const { statusCode = 0 } = answer;
        if (statusCode === 404) lose(new Error('the session was lost'));
        if (statusCode >= 300) throw new Error(`Cannot deliver the message: status ${statusCode}`);
      } catch (thrown) {
        if (thrown instanceof Unreachable) lose(thrown);
        throw thrown;
      }
    },
    async close() {
      if (signal.aborted) return;
      end(new Error('Cannot continue: the channel is closing'));
      events.onClose();
      await Promise.resolve();
    },
  };
}

/** Throws unless it is on the origin of the stream: credentials go there, and a server may not choose whom we speak to. */
function endpointOf(said: string, base: URL): URL {
  const endpoint =
    said.length <= MAX_ENDPOINT && URL.canParse(said, base.href) ? new URL(said, base) : undefined;
  if (endpoint?.origin !== base.origin)
    throw new Error('Cannot use the endpoint it names: it is not on its own origin');
  if (endpoint.username !== '' || endpoint.password !== '')
    throw new Error('Cannot use the endpoint it names: there are credentials in it');
  endpoint.hash = '';
  return endpoint;
}
