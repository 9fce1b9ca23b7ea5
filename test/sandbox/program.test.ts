import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { LIMITS } from '../../src/sandbox/limits.ts';
import { checkProgram, frame, type Program } from '../../src/sandbox/program.ts';

const program = (over: Partial<Program>): Program => ({
  language: 'python',
  code: '',
  timeoutMs: 1000,
  ...over,
});
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`f${number}`, '']));
const GIB = 1024 * 1024 * 1024;

const BAD_PATHS = [
  '',
  '.',
  '..',
  '../x',
  'a/../../x',
  '/etc/passwd',
  'a//b',
  'a/',
  './a',
  'a/./b',
  '-rf',
  'a\nb',
  'a\0b',
  'a\u0085b',
  'a\\b',
  '\ud800',
  '__proto__',
  'x'.repeat(241),
  'a/'.repeat(8) + 'b',
];

const REFUSED: readonly (readonly [string, string, Partial<Program>])[] = [
  ...BAD_PATHS.flatMap((path) => {
    const name = `the path ${JSON.stringify(path).slice(0, 30)}`;
    return [
      [name, 'arguments-invalid', { files: JSON.parse(`{${JSON.stringify(path)}:""}`) }],
      [`${name} as an output`, 'arguments-invalid', { outputs: ['fine', path] }],
    ] as const;
  }),
  ['a file that is also a folder', 'arguments-invalid', { files: { a: '', 'a/b': '' } }],
  ['no time at all', 'arguments-invalid', { timeoutMs: 0 }],
  ['half a millisecond', 'arguments-invalid', { timeoutMs: 1.5 }],
  ['more time than there is', 'arguments-invalid', { timeoutMs: LIMITS.timeoutMs + 1 }],
  ['a program that is too long', 'too-large', { code: 'x'.repeat(LIMITS.code + 1) }],
  ['a quarter of a GiB of stdin', 'too-large', { stdin: 'x'.repeat(GIB / 4) }],
  ['characters that are many bytes', 'too-large', { stdin: '€'.repeat(LIMITS.stdin / 2) }],
  [
    'files that are too big together',
    'too-large',
    { files: { a: 'x'.repeat(LIMITS.files), b: 'x' } },
  ],
  ['too many outputs', 'too-large', { outputs: Object.keys(many(LIMITS.outputCount + 1)) }],
  ['too many files', 'too-large', { files: many(LIMITS.fileCount + 1) }],
];
for (const [name, code, over] of REFUSED)
  test(`${name} is refused before anything starts`, () => {
    assert.throws(
      () => checkProgram(program(over), LIMITS),
      (error) => error instanceof Denial && error.code === code,
    );
  });

test('a program is written as the hooks read it', () => {
  const files = { 'ä/b.txt': '€', c: '' };
  const asked = { code: 'code\n', stdin: 'in', files };
  const bytes = '2 5 2\nä/b.txt\n3\n€c\n0\ncode\nin';
  assert.equal(frame(program(asked), 9).toString(), `${bytes}\n`);
  const outputs = ['ö/d.png', 'e'];
  assert.equal(frame(program({ ...asked, outputs }), 9).toString(), `${bytes}10\nö/d.png\ne\n\n`);
});
