import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Docker from 'dockerode';
import { packageVersion } from '../../src/lib/package-root.ts';
import { buildFolder } from '../../src/sandbox/build-image.ts';
import { withoutVariables } from '../../src/sandbox/container.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { createEnsureImage } from '../../src/sandbox/images.ts';
import type { Language } from '../../src/sandbox/languages.ts';
import { scratch } from '../support/scratch.ts';
import { CACHE, noDocker, openSandbox, run } from './support.ts';

/** What would steer the supervisor, an interpreter or the way out. */
const STEERS = {
  SALLYPORT_EGRESS: 'sh -c echo$IFS"steered">&2',
  BASH_ENV: '/steer/hook',
  ENV: '/steer/hook',
  SHELLOPTS: 'xtrace',
  NODE_OPTIONS: '--require=/steer/hook.cjs',
  PYTHONSTARTUP: '/steer/hook',
  PYTHONHOME: '/steer',
  PYTHONPATH: '/steer',
  PYTHONINSPECT: '1',
  LD_PRELOAD: '/steer/hook.so',
  https_proxy: 'http://127.0.0.1:9',
  token: 'steered',
  HOME: '/steer',
  OF_THE_OWNER: 'steered',
};

const PRINTS: readonly (readonly [Language, string])[] = [
  ['python', 'import os; print("\\n".join(f"{k}={v}" for k, v in os.environ.items()))'],
  ['javascript', 'for (const [k, v] of Object.entries(process.env)) console.log(`${k}=${v}`);'],
  ['bash', 'printenv || export -p'],
];

test('what takes a variable away is said as the engine understands it', () => {
  assert.deepEqual(withoutVariables(['A', 'B'], 'Docker'), ['A', 'B']);
  assert.deepEqual(withoutVariables(['A', 'B'], 'Podman'), ['A=', 'B=']);
});

const sorted = (text: string): string[] => text.trim().split('\n').toSorted();

for (const [language, code] of PRINTS)
  test(
    `variables of an image do not reach ${language}`,
    { skip: noDocker, timeout: 300_000 },
    async (context) => {
      const folder = await scratch(context);
      const docker = new Docker(dockerHost(process.env).options);
      const ensure = createEnsureImage({
        own: {},
        version: packageVersion(),
        cache: CACHE,
        log() {},
      });
      const lines = Object.entries(STEERS).map(
        ([name, value]) => `ENV ${name}=${JSON.stringify(value).replaceAll('$', '\\$')}\n`,
      );
      writeFileSync(
        join(folder, 'Dockerfile'),
        `ARG BASE\nFROM \${BASE}\n${lines.join('')}LABEL test=${folder}\n`,
      );
      const base = await ensure(docker, language);
      const own = await buildFolder(
        docker,
        folder,
        { t: `sallyport-test/variables-${language}`, labels: {}, base },
        () => {},
      );
      context.after(async () => {
        await docker.getImage(own).remove({ force: true });
      });
      const { Config: config } = await docker.getImage(own).inspect();
      assert.ok(config.Env.includes('OF_THE_OWNER=steered'), 'the image has them');
      const [plain, steered] = [openSandbox(), openSandbox({ images: { [language]: own } })];
      try {
        const [want, got] = [
          await run(plain, { language, code }),
          await run(steered, { language, code }),
        ];
        assert.ok(want.stdout.includes('HOME=/work'), want.stderr);
        assert.deepEqual(sorted(got.stdout), sorted(want.stdout), got.stderr);
        assert.equal(got.stderr, want.stderr);
      } finally {
        await Promise.all([plain.close(), steered.close()]);
      }
    },
  );
