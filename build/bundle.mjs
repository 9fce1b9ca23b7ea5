// `npm run build`, second half: the compiled program in few files. As it is written a start loads three hundred of them,
// which takes a quarter of its CPU. dist/src stays as it is for the tests; what is shipped and run is dist/program.
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));

/** Packages of many small files that every start needs. The others stay where npm puts them. */
const INSIDE = ['yaml', 'zod'];
/** The interpreter of the wasm tier. */
const ENGINE = ['quickjs-emscripten-core', '@jitl/quickjs-wasmfile-release-sync'];
const outside = Object.keys(manifest.dependencies).filter((name) => !INSIDE.includes(name));

await build({
  absWorkingDir: root,
  entryPoints: {
    sallyport: 'dist/src/cli.js',
    'scan-worker': 'dist/src/scan/scan-worker.js',
    'canary-worker': 'dist/src/policy/canary-worker.js',
    'code-server': 'dist/servers/code/server.js',
    'reap-instance': 'dist/src/sandbox/inside/reap-instance.js',
  },
  outdir: 'dist/program',
  chunkNames: 'part-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: outside.flatMap((name) => [name, `${name}/*`]),
  // yaml comes as CommonJS and asks for parts of Node itself.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module';const require = requireOf(import.meta.url);",
  },
  sourcemap: 'linked',
  logLevel: 'warning',
});

// The process of a cell of the wasm tier: one file, so that it need read no other but the two beside it.
await build({
  absWorkingDir: root,
  entryPoints: { 'wasm-child': 'dist/src/sandbox/wasm/child/main.js' },
  outdir: 'dist/program',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
});
// What runs inside the engine, before the program.
await build({
  absWorkingDir: root,
  entryPoints: { 'inside-javascript': 'dist/src/sandbox/wasm/inside/javascript.js' },
  outdir: 'dist/program',
  bundle: true,
  format: 'iife',
  globalName: 'inside',
  platform: 'neutral',
  target: 'es2023',
  logLevel: 'warning',
});
await copyFile(
  `${root}/node_modules/@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm`,
  `${root}/dist/program/quickjs.wasm`,
);

const licences = await Promise.all(
  [...INSIDE, ...ENGINE].map(async (name) => {
    const text = await readFile(`${root}/node_modules/${name}/LICENSE`, 'utf8');
    return `${name}\n\n${text.trim()}\n`;
  }),
);
await writeFile(`${root}/dist/program/LICENSES`, licences.join(`\n${'-'.repeat(72)}\n\n`));

// What was built: what another build has judged does not count for this one.
const digest = createHash('sha256');
const built = await readdir(`${root}/dist/program`);
for (const name of built.filter((each) => !each.endsWith('.map')).toSorted())
  digest.update(`${name}\n`).update(await readFile(`${root}/dist/program/${name}`));
await writeFile(`${root}/dist/program/DIGEST`, digest.digest('hex'));
