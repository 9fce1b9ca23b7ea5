// Builds the image of bash in a process of its own: ENGINE CACHE. Tells its parent what it logs, and the id.
import Docker from 'dockerode';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { createEnsureImage } from '../../src/sandbox/images.ts';

const [host = '', cache = ''] = process.argv.slice(2);
const log = (line: string): void => void process.send?.({ log: line });
const ensure = createEnsureImage({ own: {}, version: 'processes', cache, log });
const ready = await ensure(new Docker(dockerHost({}, host).options), 'bash');
process.send?.({ ready }, () => process.disconnect());
