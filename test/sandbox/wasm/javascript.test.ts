import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { format, inspect } from 'node:util';
import fc from '../../support/property.ts';
import { openWasm, run } from './support.ts';

describe('javascript in the wasm tier', { concurrency: 2 }, () => {
  const sandbox = openWasm();
  after(async () => await sandbox.close());

  const TABLE: readonly (readonly [string, string, string])[] = [
    ['a promise at the top level', 'console.log(await Promise.resolve(7))', '7\n'],
    [
      'timers in their order',
      'setTimeout(() => console.log(2), 20); setTimeout(console.log, 0, 1); console.log(0)',
      '0\n1\n2\n',
    ],
    [
      'an interval until it is cleared',
      'let n = 0; const id = setInterval(() => { console.log(++n); if (n === 3) clearInterval(id) }, 1)',
      '1\n2\n3\n',
    ],
    [
      'a file of the program',
      `console.log(require('fs').readFileSync('a/b.txt', 'utf8'))`,
      'tëxt\n',
    ],
    [
      'a file by import and with its bytes',
      `import { readFileSync } from 'node:fs'; console.log(readFileSync('a/b.txt').length)`,
      '5\n',
    ],
    ['a module of the program', `console.log(require('./helper').double(21))`, '42\n'],
    [
      'an ES module of the program',
      `import { triple } from './helper.mjs'; console.log(triple(14))`,
      '42\n',
    ],
    ['a JSON file', `console.log(require('./data.json').a)`, '1\n'],
    ['stdin', `console.log(require('fs').readFileSync(0, 'utf8').split('\\n').length)`, '3\n'],
    [
      'stdin as a stream',
      `let all = ''; for await (const chunk of process.stdin) all += chunk; console.log(all.length)`,
      '10\n',
    ],
    [
      'what it wrote itself',
      `const fs = require('fs'); fs.mkdirSync('x'); fs.writeFileSync('x/y', 'z'); fs.appendFileSync('x/y', '!'); console.log(fs.readdirSync('.'), fs.readFileSync('x/y').toString())`,
      "[ 'a', 'data.json', 'helper.js', 'helper.mjs', 'x' ] z!\n",
    ],
    [
      'paths and bytes',
      `console.log(require('path').join('a', '..', 'b'), Buffer.from('hé').toString('hex'), btoa('hi'))`,
      'b 68c3a9 aGk=\n',
    ],
    ['bytes that are not UTF-8', 'process.stdout.write(Uint8Array.of(97, 255, 98))', 'a\ufffdb'],
  ];
  const files = {
    'a/b.txt': 'tëxt',
    'helper.js': 'exports.double = (n) => n * 2;',
    'helper.mjs': 'export const triple = (n) => n * 3;',
    'data.json': '{"a":1}',
  };
  for (const [name, code, want] of TABLE)
    test(`${name} works`, async () => {
      const result = await run(sandbox, { code, files, stdin: 'one\ntwo\nüb' });
      assert.deepEqual(
        [result.stdout, result.stderr, result.exitCode, result.ended, result.tier],
        [want, '', 0, 'exited', 'wasm'],
      );
      assert.match(result.sandboxId, /^[\da-f-]{36}$/u);
    });

  const FAILURES: readonly (readonly [string, string, number, RegExp])[] = [
    ['an error', 'function f() {\n  throw new TypeError("wrong");\n}\nf();', 1, /^Uncaught TypeError: wrong\n +at f \(main\.js:2:\d+\)\n +at .*main\.js:4/u],
    ['an error in a timer', 'setTimeout(() => { throw new Error("late") }, 1)', 1, /^Uncaught Error: late\n +at .*main\.js:1/u],
    ['an error in main()', 'async function main() { await null; throw new Error("async") }\nmain()', 1, /^Uncaught Error: async\n/u],
    ['an error of a module', 'await null; throw new Error("module")', 1, /^Uncaught Error: module\n/u],
    ['a mistake in the source', 'const x = ;', 1, /^Uncaught SyntaxError: .*\n +at main\.js:1/u],
    ['an exit code', 'process.exit(42); console.log("no")', 42, /^$/u],
    ['an exit code for later', 'process.exitCode = 3', 3, /^$/u],
    ['no package', 'require("express")', 1, /Cannot find module 'express': the wasm tier has no packages and no network/u],
    ['no package by import', 'import x from "express"', 1, /Cannot find module 'express': the wasm tier has no packages/u],
    ['no network', 'fetch("http://example.com")', 1, /hint: the wasm tier has no fetch/u],
    ['no file', 'require("fs").readFileSync("none")', 1, /ENOENT: no such file or directory, open 'none'/u],
  ]; // prettier-ignore
  for (const [name, code, exitCode, said] of FAILURES)
    test(`${name} ends the program`, async () => {
      const result = await run(sandbox, { code });
      assert.match(result.stderr, said);
      assert.deepEqual([result.stdout, result.exitCode, result.ended], ['', exitCode, 'exited']);
    });

  test('stdout and stderr are kept apart and in order', async () => {
    const code = 'console.log("a"); console.error("b"); console.info("c"); console.warn("d")';
    const { stdout, stderr } = await run(sandbox, { code });
    assert.deepEqual([stdout, stderr], ['a\nc\n', 'b\nd\n']);
  });

  test('output is cut at its limit and says so', async () => {
    const limit = 256 * 1024;
    const exact = await run(sandbox, { code: `process.stdout.write('x'.repeat(${limit}))` });
    assert.deepEqual([exact.stdout.length, exact.truncated, exact.ended], [limit, false, 'exited']);
    const more = await run(sandbox, { code: `process.stdout.write('x'.repeat(${limit + 1000}))` });
    assert.deepEqual([more.stdout.length, more.truncated], [limit, true]);
  });

  test('4 MiB of stdin and 8 MiB of files arrive whole', async () => {
    const stdin = 'é'.repeat(2 * 1024 * 1024);
    const big = { 'big.txt': 'x'.repeat(8 * 1024 * 1024) };
    const code = `const fs = require('fs'); console.log(fs.readFileSync(0, 'utf8').length, fs.readFileSync('big.txt', 'utf8').length)`;
    const { stdout, stderr } = await run(sandbox, { code, stdin, files: big });
    assert.equal(stdout, `${stdin.length} ${8 * 1024 * 1024}\n`, stderr);
  });

  test('nothing is left of the program before', async () => {
    const code = `const fs = require('fs'); console.log(globalThis.left, fs.existsSync('/tmp/left')); globalThis.left = 1; Object.prototype.left = 2; fs.writeFileSync('/tmp/left', 'x')`;
    const results = [await run(sandbox, { code }), await run(sandbox, { code })];
    for (const { stdout } of results) assert.equal(stdout, 'undefined false\n');
    assert.notEqual(results[0]?.sandboxId, results[1]?.sandboxId);
  });

  const VALUES: readonly string[] = [
    `[undefined, null, true, -0, NaN, 10n, 'it\\'s', "a\\nb", Symbol('s')]`,
    `({ a: 1, 'b-c': { d: [1, { e: { f: 1 } }] }, [Symbol('k')]: 2, get g() { return 1 }, set h(v) {} })`,
    `[new Map([['a', { b: 1 }]]), new Set([1, 'x']), new Date(0), /x/g, [, 1, , ,]]`,
    `[function foo() {}, () => {}, class A {}, async () => {}, function* gen() {}]`,
    `Array.from({ length: 120 }, (_, at) => at)`,
    `Array.from({ length: 30 }, (_, at) => 'item ' + at * at)`,
    `(() => { const o = { name: 'o' }; o.self = o; return [o, o] })()`,
    `[new Uint8Array(3), Object.create(null), new (class Point { constructor() { this.x = 1 } })()]`,
    `({ long: 'x'.repeat(90), list: ['y'.repeat(40), 'z'.repeat(40)], deep: { a: { b: { c: { d: 1 } } } } })`,
    `['', {}, [], [[]], [[[[]]]], [[[[1]]]], new Map(), new Set(), '\\u0001\\ud800']`,
  ];
  test('values look as they do in Node', async () => {
    const code = VALUES.map((value) => `console.log(${value})`).join(`\nconsole.log('--')\n`);
    const { stdout, stderr } = await run(sandbox, { code });
    // oxlint-disable-next-line no-eval -- Node's own view of the same texts
    const want = VALUES.map((value) => `${inspect((0, eval)(value))}\n`);
    assert.deepEqual(stdout.split('--\n'), want, stderr);
  });

  test('data of any shape looks as it does in Node', async () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 30 }), fc.dictionary(fc.string(), tie('value'))),
    }));
    const values = fc.sample(value, { numRuns: 400, seed: 7 }).map((one): unknown => JSON.parse(JSON.stringify(one ?? null)));
    const code = `for (const [at, one] of require('./values.json').entries()) console.log(at, [one], one)`;
    const { stdout, stderr } = await run(sandbox, { code, files: { 'values.json': JSON.stringify(values) } });
    const want = values.map((one, at) => `${format(at, [one], one)}\n`).join('');
    assert.equal(stdout.slice(0, want.length).slice(0, 200_000), want.slice(0, 200_000), stderr);
  }); // prettier-ignore

  test('texts of any characters come out as they are', async () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 200 }), {
      numRuns: 300,
      seed: 7,
    });
    const code = `for (const one of require('./texts.json')) process.stdout.write(one + '\\u0000')`;
    const { stdout } = await run(sandbox, { code, files: { 'texts.json': JSON.stringify(texts) } });
    assert.equal(stdout, texts.map((one) => `${one}\0`).join(''));
  });
});
