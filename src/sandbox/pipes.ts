import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Attachment, Listener } from './attach.ts';

/** Both ends of three named pipes. */
export interface Pipes {
  /** For the child: its standard streams. */
  readonly stdio: readonly [stdin: number, stdout: number, stderr: number];
  readonly attachment: Attachment;
  /** To be called when the child has its own copies. */
  closeChildEnds(): void;
}

/** Opens the pipes of a cell's folder. Nothing waits for the other end. */
export function openPipes(folder: string): Pipes {
  const opened: number[] = [];
  const open = (name: string, flags: number): number => {
    const fd = openSync(join(folder, name), flags);
    opened.push(fd);
    return fd;
  };
  const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;
  try {
    // Whoever opens one end alone waits for the other, and the child's ends must not be non-blocking.
    const holder = open('in', O_RDWR);
    const input = [open('in', O_RDONLY), open('in', O_WRONLY | O_NONBLOCK)] as const;
    const out = [open('out', O_RDONLY | O_NONBLOCK), open('out', O_WRONLY)] as const;
    const err = [open('err', O_RDONLY | O_NONBLOCK), open('err', O_WRONLY)] as const;
    closeSync(holder);
    const stdio = [input[0], out[1], err[1]] as const;
    return {
      stdio,
      attachment: attachment(
        new Socket({ fd: input[1], readable: false, writable: true }),
        new Socket({ fd: out[0], readable: true, writable: false }),
        new Socket({ fd: err[0], readable: true, writable: false }),
      ),
      closeChildEnds: () => stdio.forEach((fd) => closeSync(fd)),
    };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

function attachment(stdin: Socket, stdout: Socket, stderr: Socket): Attachment {
  let listener: Listener = { chunk() {}, end() {} };
  const open = new Set<Socket>([stdout, stderr]);
  stdout.on('data', (chunk: Buffer) => listener.chunk('stdout', chunk));
  stderr.on('data', (chunk: Buffer) => listener.chunk('stderr', chunk));
  for (const stream of [stdout, stderr])
    stream.on('close', () => {
      open.delete(stream);
      if (open.size === 0) listener.end();
    });
  // A program that does not read its input is no trouble of ours.
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {});
  return {
    listen(next) {
      listener = next;
      if (open.size === 0) next.end();
    },
    write: (bytes) => void stdin.write(bytes),
    close() {
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
    },
  };
}
