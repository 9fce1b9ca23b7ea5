// `node test/setup/with-docker.mjs PROGRAM ARGUMENTS…`: install, build, Docker + gVisor if this machine can have them,
// then that program of the project. Behind `npm run demo` and `npm run bench`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { startDocker } from './docker.mjs';
import { prepare } from './modules.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [program = '', ...rest] = argv.slice(2);
const log = (line) => process.stderr.write(`${basename(program, '.js')}: ${line}\n`);

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
  child = spawn(process.execPath, ['--enable-source-maps', `${root}/${program}`, ...rest], {
    stdio: 'inherit',
    env,
  });
  const [code] = await once(child, 'close');
  await end(code ?? 1);
} catch (error) {
  log(error.message);
  await end(1);
}
