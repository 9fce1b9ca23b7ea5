import type { IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';

/** An upstream that sends more than it may. */
export class Oversize extends Error {
  override readonly name = 'Oversize';
}

export type AnswerEvent = {
  readonly id: string | undefined;
  /** `message` where the stream names none (WHATWG HTML §9.2). */
  readonly type: string;
  readonly data: string;
};

export type ReadEventsOptions = {
  /** Characters of one event. */
  readonly maxLength: number;
  /** Milliseconds without a byte; 0: any silence is fine. */
  readonly silenceMs: number;
  readonly onEvent: (event: AnswerEvent) => void;
  /** Milliseconds the server wants us to wait before we come back. */
  readonly onRetry: (ms: number) => void;
};

/** The media type of an answer without its parameters. */
export function mediaType(response: IncomingMessage): string {
  return (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** A whole body. Throws when it is larger than `maxBytes`, slower than `bodyMs`, or cut off. */
export async function readBody(
  response: IncomingMessage,
  maxBytes: number,
  bodyMs: number,
): Promise<Buffer> {
  if (Number(response.headers['content-length'] ?? 0) > maxBytes)
    throw oversize(response, maxBytes);
  const deadline = setTimeout(() => {
    response.destroy(new Error('Cannot read the answer: too slow'));
  }, bodyMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of asBuffers(response)) {
      size += chunk.length;
      if (size > maxBytes) throw oversize(response, maxBytes);
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(deadline);
  }
  return Buffer.concat(chunks);
}

/** Reads an event stream to its end. Throws when an event is too large, the silence too long, or the connection is lost. */
export async function readEvents(
  response: IncomingMessage,
  options: ReadEventsOptions,
): Promise<void> {
  const { maxLength, silenceMs } = options;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let problem: Error | undefined;
  const parser = createParser({
    maxBufferSize: maxLength,
    onEvent: ({ id, event, data }) => {
      if (data.length > maxLength) problem = oversize(response, maxLength);
      else options.onEvent({ id, type: event ?? 'message', data });
    },
    onRetry: options.onRetry,
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') problem = oversize(response, maxLength);
    },
  });
  const silence =
    silenceMs > 0
      ? setTimeout(() => {
          response.destroy(new Error('Cannot read the answer: silent for too long'));
        }, silenceMs)
      : undefined;
  try {
    for await (const chunk of asBuffers(response)) {
      silence?.refresh();
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (problem) throw problem;
    }
  } finally {
    clearTimeout(silence);
  }
}

function asBuffers(response: IncomingMessage): AsyncIterable<Buffer> {
  return response;
}

function oversize(response: IncomingMessage, max: number): Oversize {
  response.destroy();
  return new Oversize(`Cannot read the answer: larger than ${max} bytes`);
}
