import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { packageRoot } from '../../../src/lib/package-root.ts';
import { isLanguage } from '../../../src/sandbox/languages.ts';
import { scratch } from '../../support/scratch.ts';
import { openWasm, run } from './support.ts';

const FOLDER = join(packageRoot(), 'test/vectors/wasm');

/** Looks whether what an attack got hold of leads to Node. On one line: the lines of the vectors stay theirs. */
const PRELUDE = `
function look(got) {
  if (got === null || (typeof got !== 'object' && typeof got !== 'function')) return;
  const ways = [(g) => g.process, (g) => g, (g) => g.globalThis?.process, (g) => g.constructor?.constructor?.('return process')()];
  for (const way of ways) {
    let process; try { process = way(got) } catch { continue }
    if (process === null || typeof process !== 'object') continue;
    let found; try { found = process.env?.SALLYPORT_CANARY ?? (process.versions?.v8 || process.binding || process.dlopen || process.getBuiltinModule || process.mainModule) } catch {}
    if (found) console.log('BREACH', String(found));
  }
  try { if (typeof got.WebAssembly === 'object' || typeof got.require?.cache === 'object') console.log('BREACH globals of Node') } catch {}
}
function done() { console.log('held') }
`.replaceAll('\n', ' ');

type Vector = {
  readonly name: string;
  readonly header: Map<string, string>;
  readonly code: string;
};

function readVector(file: string): Vector {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const end = text.indexOf('\n\n');
  const header = text
    .slice(0, end)
    .split('\n')
    .map((line): [string, string] => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    });
  return { name: file.slice(0, -4), header: new Map(header), code: text.slice(end + 2) };
}

/** `held` wants that word on a line of its own, `ended A|B` one of these endings; `held|ended …` either. */
function isAsExpected(expected: string, stdout: string, ended: string): boolean {
  const endings = /ended (\S+)$/u.exec(expected)?.[1]?.split('|') ?? [];
  return endings.includes(ended) || (expected.startsWith('held') && /^held$/mu.test(stdout));
}

const secret = randomBytes(16).toString('hex');
const folder = await scratch({ after });
const file = join(folder, 'canary.txt');
writeFileSync(file, secret);
process.env['SALLYPORT_CANARY'] = secret;
let connections = 0;
const server = createServer((socket) => {
  connections++;
  socket.destroy();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' ? address?.port : undefined;
const sandbox = openWasm({ limits: { memory: 128 * 1024 * 1024 } });
const start = `const FILE = ${JSON.stringify(file)}, PORT = ${port};${PRELUDE}`;

describe('escapes', { concurrency: 2 }, () => {
  for (const { name, header, code } of readdirSync(FOLDER).map(readVector))
    test(`${name} stays inside`, async () => {
      const language = header.get('language') ?? '';
      assert.ok(isLanguage(language));
      const timeoutMs = Number(header.get('timeoutMs') ?? 60_000);
      const given = language === 'javascript' ? start + code : code;
      const result = await run(sandbox, { language, code: given, timeoutMs });
      const seen = JSON.stringify({ ...result, stdout: result.stdout.slice(-2000) }, null, 1);
      for (const said of [result.stdout, result.stderr]) {
        assert.doesNotMatch(said, /BREACH/u, seen);
        assert.ok(!said.includes(secret), seen);
      }
      assert.ok(isAsExpected(header.get('expect') ?? '', result.stdout, result.ended), seen);
      assert.equal(readFileSync(file, 'utf8'), secret);
      assert.equal(connections, 0);
      assert.equal(Reflect.get({}, 'polluted'), undefined);
    });

  after(async () => {
    const { stdout } = await run(sandbox, { code: 'console.log("still here")' });
    await sandbox.close();
    server.close();
    delete process.env['SALLYPORT_CANARY'];
    assert.equal(stdout, 'still here\n');
    assert.deepEqual(readdirSync(folder), ['canary.txt']);
  });
});
