import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';

/** How far a long operation is: what it does, and the part of it that is done (0 to 1) where that is known. */
export type Progress = (step: string, done?: number) => void;

/**
 * Gives a tar to Docker as an image. Resolves to its id, so that nobody can move its name before it is used. Throws when
 * the tar is not what it was when its digest (sha256) was taken, and takes the image away again.
 */
export async function importTar(
  docker: Docker,
  { file, digest }: { readonly file: string; readonly digest: string },
  name: string,
  progress: Progress,
): Promise<string> {
  const { size } = await stat(file);
  const hash = createHash('sha256');
  const body = Readable.from(read(file, hash, (bytes) => progress('loading', bytes / size)));
  // Podman knows the tag only as a part of the name.
  const id = await answer(await docker.importImage(body, { repo: name }), () => {});
  if (hash.digest('hex') === digest) return id;
  await docker.getImage(id).remove({ force: true });
  throw new Error(`${file} was changed while it was loaded`);
}

async function* read(
  file: string,
  hash: Hash,
  seen: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a file is read in buffers');
    hash.update(chunk);
    bytes += chunk.length;
    seen(bytes);
    yield chunk;
  }
}

/** Builds the Dockerfile of a folder. The name is given to the image when all of it is there. Resolves to the id. */
export async function buildFolder(
  docker: Docker,
  folder: string,
  { t, labels, base }: { t: string; labels: Record<string, string>; base?: string },
  progress: Progress,
): Promise<string> {
  const options = { t, labels, ...(base === undefined ? {} : { buildargs: { BASE: base } }) };
  const stream = await docker.buildImage({ context: folder, src: ['Dockerfile'] }, options);
  return await answer(stream, ({ stream: said }) => {
    const [, at, of] = /^Step (\d+)\/(\d+)/iu.exec(String(said)) ?? [];
    if (of !== undefined) progress('building', Number(at) / Number(of));
  });
}

type Line = {
  readonly error?: unknown;
  readonly status?: unknown;
  readonly stream?: unknown;
  readonly aux?: { readonly ID?: unknown };
};

/** Reads Docker's lines to the end: a failure is one of them, and so is the id of what it made. */
async function answer(stream: NodeJS.ReadableStream, see: (line: Line) => void): Promise<string> {
  let id: string | undefined;
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      if (text.trim() === '') continue;
      const line: Line = JSON.parse(text);
      if (typeof line.error === 'string') throw new Error(line.error.trim());
      see(line);
      const said = line.aux?.ID ?? line.status;
      if (typeof said === 'string' && /^sha256:[0-9a-f]{64}$/u.test(said)) id = said;
    }
  }
  if (id === undefined) throw new Error('Docker ended without an image');
  return id;
}
