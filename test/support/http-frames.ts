import type { TestContext } from 'node:test';
import { createParser } from 'eventsource-parser';
import { isJsonObject } from '../../src/lib/json.ts';
import { createTalk, type Frame, type FramesTalk } from './frames-client.ts';

export type HttpPlace = { readonly url: string; readonly token: string };

/** A legacy client over Streamable HTTP without an SDK. It listens from its handshake on, and ends with the test. */
export function httpFrames(context: TestContext, { url, token }: HttpPlace): FramesTalk {
  const over = new AbortController();
  let session: string | undefined;
  /** One POST after the other, so that the server gets frames in the order in which they were sent. */
  let posted: Promise<unknown> = Promise.resolve();
  const talk = createTalk((frame) => {
    posted = posted.then(async () => await post(frame)).catch(talk.over);
  });
  context.after(() => over.abort());

  function headers(): Record<string, string> {
    return {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      ...(session !== undefined && {
        'mcp-session-id': session,
        'mcp-protocol-version': '2025-11-25',
      }),
    };
  }

  /** Resolves when the server has the frame; its answer comes when it comes. */
  async function post(frame: Frame): Promise<void> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers(), 'content-type': 'application/json' },
      body: JSON.stringify(frame),
      signal: over.signal,
    });
    session ??= response.headers.get('mcp-session-id') ?? undefined;
    const done = read(response);
    // The gate answers a notification before it is served, and what follows must not overtake it.
    if (frame['method'] === 'initialize') await done;
    if (frame['method'] === 'notifications/initialized') await listen();
  }

  async function listen(): Promise<void> {
    const response = await fetch(url, { headers: headers(), signal: over.signal });
    void read(response);
  }

  async function read(response: Response): Promise<void> {
    const isStream = response.headers.get('content-type') === 'text/event-stream';
    if (!isStream) {
      const text = await response.text();
      if (text !== '') take(text);
      return;
    }
    const parser = createParser({
      onEvent: ({ data }) => {
        if (data !== '') take(data);
      },
    });
    const decoder = new TextDecoder();
    const body: AsyncIterable<Uint8Array> | null = response.body;
    try {
      for await (const chunk of body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
    } catch {
      // Cut off at the end of the test.
    }
  }

  function take(text: string): void {
    const frame: unknown = JSON.parse(text);
    if (!isJsonObject(frame)) throw new TypeError(`not a frame: ${text.slice(0, 200)}`);
    talk.take(frame);
  }

  return talk.client;
}
