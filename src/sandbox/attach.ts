import { Duplex } from 'node:stream';
import type { Container } from 'dockerode';
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

/** Attaches to a container that has not started yet, so that nothing it says is lost. */
export async function attach(container: Container): Promise<Attachment> {
  const stream: unknown = await container.attach({
    stream: true,
    stdin: true,
    stdout: true,
    stderr: true,
    hijack: true,
  });
  if (!(stream instanceof Duplex)) throw new Error('Docker did not hand over the connection');
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
    close: () => void stream.destroy(),
  };
}
