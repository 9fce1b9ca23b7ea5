import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Container, DockerOptions } from 'dockerode';
import { createDemux } from './demux.ts';

export type Listener = {
  chunk(from: 'stdout' | 'stderr', chunk: Buffer): void;
  /** Nothing more comes. */
  end(): void;
};

/** The standard streams of a container. */
export interface Attachment {
  /** Whoever listens now gets what comes next; the one before gets nothing more. */
  listen(listener: Listener): void;
  write(bytes: Buffer): void;
  close(): void;
}

/** The same of a program that is talked with for long. */
export interface Conversation extends Attachment {
  /** Writes; says whether more may come at once, else `drained` tells when. */
  say(text: string): boolean;
  /** Resolves when what was written has been taken, or never will be. */
  drained(): Promise<void>;
  /** Bytes that have not been taken yet. */
  readonly unread: number;
  /** The end of stdin; the outputs go on. */
  end(): void;
}

/** Attaches to a container that has not started yet, so that nothing it says is lost. */
export async function attach(container: Container): Promise<Conversation> {
  const stream = await hijack(container);
  let listener: Listener = { chunk() {}, end() {} };
  stream.on(
    'data',
    createDemux((from, chunk) => listener.chunk(from, chunk)),
  );
  for (const event of ['end', 'close', 'error']) stream.on(event, () => listener.end());
  return {
    listen(next) {
      listener = next;
      if (stream.destroyed || stream.readableEnded) next.end();
    },
    write: (bytes) => void stream.write(bytes),
    say: (text) => stream.write(text),
    async drained() {
      if (!stream.writableNeedDrain) return;
      await new Promise<void>((resolve) => {
        const over = ['drain', 'close', 'error'];
        const done = (): void => {
          for (const event of over) stream.off(event, done);
          resolve();
        };
        for (const event of over) stream.on(event, done);
      });
    },
    get unread() {
      return stream.writableLength;
    },
    end: () => void stream.end(),
    close: () => void stream.destroy(),
  };
}

/**
 * The connection itself, both ways. dockerode's own attach sends its options as a body besides, which Podman hands to the
 * program as input.
 */
async function hijack({ id, modem }: Container): Promise<Duplex> {
  const at: DockerOptions & Pick<RequestOptions, 'agent'> = modem;
  const { socketPath, host, port, ca, cert, key, agent } = at;
  const place = socketPath ? { socketPath } : { host: host?.replace(/^\[(.*)\]$/u, '$1'), port };
  const request = at.protocol === 'https' ? requestSecure : requestPlain;
  return await new Promise((resolve, reject) => {
    const asked = request({
      ...place,
      ca,
      cert,
      key,
      agent,
      method: 'POST',
      path: `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
      headers: { Connection: 'Upgrade', Upgrade: 'tcp', 'Content-Length': '0' },
    });
    asked.on('upgrade', (_, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.on('response', (answer) => void refused(answer).then(reject, reject));
    asked.on('error', reject);
    asked.end();
  });
}

async function refused(answer: IncomingMessage): Promise<Error> {
  const { statusCode } = answer;
  let said = '';
  for await (const chunk of answer.setEncoding('utf8')) said += String(chunk);
  const why = `Docker does not attach (HTTP ${statusCode}): ${said.trim().slice(0, 1000)}`;
  return Object.assign(new Error(why), { statusCode });
}
