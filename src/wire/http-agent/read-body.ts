import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpRefusal } from './refusal.ts';

/** The whole body, bounded before it is read where its length is given. How long it may take is the server's `requestTimeout`. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Buffer> {
  const tooLarge = (): HttpRefusal =>
    new HttpRefusal('too-large', `Cannot read the body: larger than ${maxBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  if (request.headers.expect !== undefined) response.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  return await new Promise<Buffer>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        chunks.length = 0;
        request.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('close', () => {
      if (!request.complete)
        reject(new HttpRefusal('body-broken', 'Cannot read the body: it does not end'));
    });
    request.once('error', (cause) => {
      reject(new HttpRefusal('body-broken', 'Cannot read the body: it does not end', { cause }));
    });
  });
}
