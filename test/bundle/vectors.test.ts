import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { BundleFault } from '../../src/bundle/bundle-fault.ts';
import { scratch } from '../support/scratch.ts';
import { vectors } from '../support/vectors.ts';
import { judge, makeBundle, play, sceneIn } from './support.ts';

for (const { name, expect, source, text } of vectors('bundle'))
  test(`bundle ${name}: ${source}`, async (context) => {
    const scene = sceneIn(await scratch(context));
    mkdirSync(scene.folder);
    await makeBundle(scene.folder);
    await play(scene, text);
    const outcome = await judge(scene).then(
      () => 'ok',
      (thrown: unknown) => {
        if (thrown instanceof BundleFault) return thrown.problem;
        throw thrown;
      },
    );
    assert.deepEqual([outcome], expect);
  });
