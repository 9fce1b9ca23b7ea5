import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../src/lib/package-root.ts';
import { BUCKETS } from '../../../src/scan/model/hash.ts';
import { decodeWeights, encodeWeights, readWeights } from '../../../src/scan/model/weights.ts';
import { scratch } from '../../support/scratch.ts';

const SHIPPED = join(packageRoot(), 'model');
const card = (digest: string): string => JSON.stringify({ sha256: digest });

test('what is written is what is read', () => {
  const bytes = Int8Array.from({ length: BUCKETS }, (_, at) => (at % 255) - 127);
  const {
    scale,
    bias,
    bytes: read,
  } = decodeWeights(encodeWeights({ scale: 0.25, bias: -3, bytes }));
  assert.deepEqual([scale, bias], [0.25, -3]);
  assert.deepEqual(read, bytes);
});

test('the shipped weights are those of the model card, and no more than 256 KiB of them', () => {
  const { bytes, scale } = readWeights(SHIPPED);
  assert.equal(bytes.length, 262_144);
  assert.ok(scale > 0);
});

test('weights that are missing, changed, cut or of another format are no weights', async (context) => {
  const none = await scratch(context);
  assert.throws(() => readWeights(none), /Cannot read the weights of the detector: .* is missing/);
  await copyFile(join(SHIPPED, 'card.json'), join(none, 'card.json'));
  assert.throws(() => readWeights(none), /weights\.bin is missing/);
  await writeFile(join(none, 'weights.bin'), Buffer.alloc(64 + BUCKETS, 1));
  assert.throws(() => readWeights(none), /not those of its model card/);
  await writeFile(join(none, 'card.json'), card('0'));
  assert.throws(() => readWeights(none), /not those of its model card/);

  const file = encodeWeights({ scale: 1, bias: 0, bytes: new Int8Array(BUCKETS) });
  const older = Buffer.from(file);
  older.write('sallyport detector 0');
  for (const broken of [file.subarray(0, -1), Buffer.alloc(0), older, Buffer.alloc(64 + BUCKETS)])
    assert.throws(() => decodeWeights(broken), /another format/);
});
