/** `node reap-instance.js INSTANCE`: removes the containers of a gateway that is gone. Started by its last will. */
import { dockerHost } from '../docker-host.ts';
import { deadline } from '../deadline.ts';
import { OWNED } from '../owner.ts';
import { remove } from '../remove.ts';

/** The engine may still be making one when the gateway dies. */
const ROUNDS = 4;
const PAUSE_MS = 2000;
const LIST_MS = 10_000;

const [instance = ''] = process.argv.slice(2);
if (instance !== '') {
  const { default: Docker } = await import('dockerode');
  const docker = new Docker(dockerHost(process.env).options);
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const filters = { label: [`${OWNED}=${instance}`] };
    const listing = docker.listContainers({ all: true, filters });
    const left = await deadline(listing, LIST_MS).catch(() => []);
    await Promise.all(
      left.map(async ({ Id }) => await remove(docker.getContainer(Id), () => undefined)),
    );
  }
}
