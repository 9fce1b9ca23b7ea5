// The identity provider in a thread of its own. `workerData`: its options; says `listening` when it does.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { createIdentityProvider, type IdentityProviderOptions } from './identity-provider.ts';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever starts the thread gives it these
const options = workerData as IdentityProviderOptions;
const { hostname, port } = new URL(options.issuer);
const http = createServer(await createIdentityProvider(options));
http.listen(Number(port), hostname);
await once(http, 'listening');
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread has no origin
parentPort?.postMessage('listening');
