import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../lib/fault.ts';
import { isJsonObject, parseJson } from '../../lib/json.ts';
import { packageRoot } from '../../lib/package-root.ts';
import { BUCKETS } from './hash.ts';

/** What was learned: one byte for each bucket, and how they add up to log-odds. */
export type Weights = { readonly scale: number; readonly bias: number; readonly bytes: Int8Array };

/** The format and the features it was learned with: another number means that the model must be trained again. */
const MAGIC = 'sallyport detector 2\n';
const HEADER = 64;

/** The file: `MAGIC`, scale and bias as float64 (little-endian) at 32 and 40, zeros up to 64, then a byte for each bucket. */
export function encodeWeights({ scale, bias, bytes }: Weights): Buffer {
  const file = Buffer.alloc(HEADER + BUCKETS);
  file.write(MAGIC, 'latin1');
  file.writeDoubleLE(scale, 32);
  file.writeDoubleLE(bias, 40);
  file.set(new Uint8Array(bytes.buffer, bytes.byteOffset, BUCKETS), HEADER);
  return file;
}

/** Throws a `Fault` for a file of another format. */
export function decodeWeights(file: Buffer): Weights {
  const scale = file.length === HEADER + BUCKETS ? file.readDoubleLE(32) : Number.NaN;
  const bias = file.length === HEADER + BUCKETS ? file.readDoubleLE(40) : Number.NaN;
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC || !(scale > 0) || !Number.isFinite(bias))
    throw new Fault('Cannot read the weights of the detector: another format');
  const bytes = new Int8Array(BUCKETS);
  bytes.set(new Int8Array(file.buffer, file.byteOffset + HEADER, BUCKETS));
  return { scale, bias, bytes };
}

let shipped: Weights | undefined;

/** The weights of this package, read once. A detector without them would pass what it must not: throws a `Fault` when they are missing, or not those of the model card. */
export function shippedWeights(): Weights {
  return (shipped ??= readWeights(join(packageRoot(), 'model')));
}

/** Reads `weights.bin` of a folder and holds it against `card.json` beside it. */
export function readWeights(folder: string): Weights {
  const card = readPart(join(folder, 'card.json'));
  const file = readPart(join(folder, 'weights.bin'));
  const told = parseJson(card, { maxBytes: 100_000, maxDepth: 10 });
  const digest = createHash('sha256').update(file).digest('hex');
  if (!isJsonObject(told) || told['sha256'] !== digest)
    throw new Fault('Cannot read the weights of the detector: not those of its model card', {
      hint: 'install the package again',
    });
  return decodeWeights(file);
}

function readPart(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Fault(`Cannot read the weights of the detector: ${path} is missing`, {
      cause: error,
      hint: 'install the package again',
    });
  }
}
