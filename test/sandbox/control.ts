import { buffer } from 'node:stream/consumers';
import Docker from 'dockerode';
import { packageVersion } from '../../src/lib/package-root.ts';
import { deadline } from '../../src/sandbox/deadline.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { LANGUAGES } from '../../src/sandbox/languages.ts';
import type { Seen, Vector } from './vectors.ts';

const ENDED_MS = 120_000;

/** Attacks that get through with Docker's defaults on the kernel of the machine: a list that cannot fail shows nothing. */
export const GET_THROUGH = [
  'fill-elsewhere',
  'fill-work',
  'fork-count',
  'open-files',
  'privileges',
  'sockets',
  'thread-count',
];

/** Runs it in a container of runc with nothing of ours but limits that the machine of the tests needs, and removes that. */
export async function runWithDefaults({ language, code }: Vector): Promise<Seen> {
  const docker = new Docker(dockerHost(process.env).options);
  const { image, command } = LANGUAGES[language];
  const container = await docker.createContainer({
    Image: `sallyport/${image}:${packageVersion()}`,
    Entrypoint: [command[0], '-c', code],
    // Its output is one stream without frames then.
    Tty: true,
    HostConfig: {
      Runtime: 'runc',
      NetworkMode: 'none',
      Memory: 512 * 1024 * 1024,
      PidsLimit: 1200,
    },
  });
  try {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const saying = buffer(stream);
    await container.start();
    const said = await deadline(saying, ENDED_MS);
    return { stdout: said.toString(), ended: 'exited', exitCode: 0 };
  } finally {
    await container.remove({ force: true });
  }
}
