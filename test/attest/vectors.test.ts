import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttestFault } from '../../src/attest/attest-fault.ts';
import { vectors } from '../support/vectors.ts';
import { judge, newScene, play } from './support.ts';

for (const { name, expect, source, text } of vectors('attest'))
  test(`attestation ${name}: ${source}`, async () => {
    const scene = newScene();
    play(scene, text);
    const outcome = await judge(scene).then(
      ({ level }) => level,
      (thrown: unknown) => {
        if (thrown instanceof AttestFault) return thrown.problem;
        throw thrown;
      },
    );
    assert.deepEqual([outcome], expect);
  });
