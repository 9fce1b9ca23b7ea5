// `npm run bench`: install, build, Docker + gVisor if this machine can have them, then every measurement.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startDocker } from './docker.mjs';
import { prepare } from './modules.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const log = (line) => process.stderr.write(`bench: ${line}\n`);

let docker = { reason: 'not tried' };
let child;
const end = async (code) => {
  child?.kill('SIGTERM');
  await docker.stop?.();
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void end(130));

try {
  await prepare({ root, log });
  docker = await startDocker({ log });
  if (!docker.host) log(`no Docker with gVisor: ${docker.reason}`);
  const env = docker.host ? { ...process.env, DOCKER_HOST: docker.host } : process.env;
  const args = ['--enable-source-maps', `${root}/dist/test/bench/run.js`];
  child = spawn(process.execPath, args, { stdio: 'inherit', env });
  const [code] = await once(child, 'close');
  await end(code ?? 1);
} catch (error) {
  log(error.message);
  await end(1);
}
