// `npm test`: install, build, check, set up Docker + gVisor, swtpm and other engines, run every test. Arguments pick test
// files by a part of their path. SALLYPORT_TEST_STRICT=1: a skipped test fails the run, one file at a time.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDocker } from './setup/docker.mjs';
import { prepareHosts } from './setup/hosts.mjs';
import { prepare } from './setup/modules.mjs';
import { run } from './setup/process.mjs';
import { prepareQemu } from './setup/qemu.mjs';
import { prepareTiers } from './setup/tiers.mjs';
import { prepareTpm } from './setup/tpm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const strict = process.env.SALLYPORT_TEST_STRICT === '1';
const began = Date.now();
const log = (line) =>
  process.stderr.write(`test ${String((Date.now() - began) / 1000).padStart(7)} s: ${line}\n`);

const CHECKS = ['lint', 'format:check', 'unused', 'pack:check'];
const stop = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  log(error.message);
  process.exitCode = 1;
} finally {
  await cleanUp();
}

async function main(wanted) {
  await prepare({ root, log });
  const files = testFiles().filter(
    (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
  );
  if (files.length === 0) throw new Error('Cannot run the tests: there are no such files');
  const failed = wanted.length > 0 ? [] : await checks();
  const docker = await startDocker({ log });
  if (docker.host) stop.unshift(docker.stop);
  else log(`NO DOCKER WITH GVISOR: its tests are skipped: ${docker.reason}`);
  if (files.some((file) => file.includes('sandbox/'))) await prepareTiers({ log });
  const tpm = files.some((file) => file.includes('attest/')) ? await prepareTpm({ log }) : {};
  if (tpm.reason) log(`NO TPM: its tests are skipped: ${tpm.reason}`);
  const hosts = files.some((file) => file.includes('sandbox/')) ? await prepareHosts({ log }) : {};
  if (hosts.reason) log(`NO ENGINES OF THE USER'S SIDE: their tests are skipped: ${hosts.reason}`);
  const qemu = files.some((file) => file.includes('sandbox/')) ? await prepareQemu({ log }) : {};
  if (qemu.reason) log(`NO VIRTUAL MACHINES: their tests are skipped: ${qemu.reason}`);
  const outcomes = await runTests(files, environment(docker, { tpm, hosts, qemu }));
  const of = (outcome) => outcomes.filter((test) => test.outcome === outcome);
  for (const { name, file, reason } of of('skipped'))
    log(`skipped: ${name} (${relative(root, file ?? '')})${reason && `: ${reason}`}`);
  for (const check of failed) log(`failed: npm run ${check}`);
  if (strict && of('skipped').length > 0)
    log('SALLYPORT_TEST_STRICT=1: a skipped test fails the run');
  const [passed, broken, skipped] = ['passed', 'failed', 'skipped'].map((name) => of(name).length);
  // A run that executed nothing has shown nothing.
  const fine =
    outcomes.exit === 0 &&
    broken === 0 &&
    failed.length === 0 &&
    passed > 0 &&
    (skipped === 0 || !strict);
  process.stdout.write(`\n${passed} passed, ${broken} failed, ${skipped} skipped\n`);
  return fine ? 0 : 1;
}

function testFiles() {
  return readdirSync(join(root, 'dist/test'), { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join('dist/test', name))
    .toSorted();
}

async function checks() {
  const failed = [];
  for (const check of CHECKS) {
    log(`npm run ${check}`);
    await run('npm', ['run', '--silent', check], { cwd: root, timeout: 300_000 }).catch((error) => {
      process.stdout.write(`${error.message}\n`);
      failed.push(check);
    });
  }
  return failed;
}

async function runTests(files, env) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  stop.push(() => rmSync(folder, { recursive: true, force: true }));
  const seen = join(folder, 'outcomes.jsonl');
  log(`${files.length} test files`);
  const exit = await new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        '--enable-source-maps',
        '--test',
        // What decides about a change must not fail because two files share a processor.
        `--test-concurrency=${strict ? 1 : Math.max(2, availableParallelism() - 1)}`,
        '--test-timeout=600000',
        '--test-reporter=spec',
        '--test-reporter-destination=stdout',
        `--test-reporter=${new URL('setup/reporter.mjs', import.meta.url)}`,
        `--test-reporter-destination=${seen}`,
        ...files,
      ],
      { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env },
    );
    stop.unshift(() => child.kill('SIGTERM'));
    child.on('close', (code) => resolve(code ?? 1));
    child.on('error', () => resolve(1));
  });
  const outcomes = readFileSync(seen, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return Object.assign(outcomes, { exit });
}

/** What the tests see: the engine to use, or the reason why there is none, and why other things are not there. */
function environment({ host, reason }, { tpm, hosts, qemu }) {
  const env = {
    ...process.env,
    SALLYPORT_TEST_CACHE: join(root, 'node_modules/.cache/sallyport'),
    ...(host ? { DOCKER_HOST: host } : { SALLYPORT_NO_DOCKER: reason }),
  };
  if (tpm.reason) env.SALLYPORT_NO_TPM = tpm.reason;
  if (hosts.reason) env.SALLYPORT_NO_HOSTS = hosts.reason;
  if (qemu.reason) env.SALLYPORT_NO_QEMU = qemu.reason;
  delete env.NODE_TEST_CONTEXT;
  if (!host) delete env.DOCKER_HOST;
  return env;
}

async function cleanUp() {
  for (const end of stop.splice(0)) await end();
}
