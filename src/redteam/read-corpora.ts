import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Fault } from '../lib/fault.ts';
import { isJsonObject, JsonError, parseJson } from '../lib/json.ts';
import { readLines } from '../lib/lines.ts';
import { channelNamed } from '../scan/channel-name.ts';
import type { Payload } from './payloads.ts';

export type Corpora = {
  readonly payloads: readonly Payload[];
  /** Rows of what the user says: nothing that a server returns. */
  readonly leftOut: number;
  /** Of the bytes of all rows, so that reports of the same texts can be told. */
  readonly digest: string;
};

const LIMITS = { maxBytes: 8 * 1024 * 1024, maxDepth: 16 };

/** Reads every `*.jsonl` and `*.jsonl.gz` of a folder: `{id, source, kind: injection|benign, channel, text}` a line. */
export async function readCorpora(folder: string): Promise<Corpora> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw new Fault(`Cannot read the corpora in ${folder}: there is no such folder`, { cause });
  });
  const sets = files.filter((name) => /\.jsonl(?:\.gz)?$/u.test(name)).toSorted();
  if (sets.length === 0)
    throw new Fault(`Cannot read the corpora in ${folder}: no *.jsonl or *.jsonl.gz is there`);
  const payloads: Payload[] = [];
  const digest = createHash('sha256');
  let leftOut = 0;
  for (const set of sets) {
    const file = createReadStream(join(folder, set));
    const lines = readLines(
      set.endsWith('.gz') ? file.pipe(createGunzip()) : file,
      LIMITS.maxBytes,
    );
    let number = 0;
    for await (const line of lines) {
      number++;
      if (line !== undefined && line.length === 0) continue;
      const payload = line && payloadOf(line);
      if (payload === undefined)
        throw new Fault(`Cannot read line ${number} of ${set}: it is no text of a corpus`);
      digest.update(line ?? '');
      if (payload.channel === 'prompt') leftOut++;
      else payloads.push(payload);
    }
  }
  return { payloads, leftOut, digest: digest.digest('hex').slice(0, 16) };
}

function payloadOf(line: Buffer): Payload | undefined {
  try {
    const row = parseJson(line, LIMITS);
    if (!isJsonObject(row)) return undefined;
    const { id, source, kind, channel: name, text } = row;
    const channel = typeof name === 'string' ? channelNamed(name) : undefined;
    const isKind = kind === 'injection' || kind === 'benign';
    if (typeof id !== 'string' || typeof text !== 'string' || !isKind || !channel) return undefined;
    return { id, source: typeof source === 'string' ? source : 'unnamed', kind, channel, text };
  } catch (thrown) {
    if (thrown instanceof JsonError) return undefined;
    throw thrown;
  }
}
