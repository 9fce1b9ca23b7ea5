import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHandover, type Output } from '../../src/sandbox/handover.ts';

const TOKEN = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
const mark = (word: string, token = TOKEN): string => `\u001e${token} ${word}\u001e`;
const bytes = (...codes: number[]): string => String.fromCharCode(...codes);
const UNREADABLE: Output = { error: 'unreadable' };

/** For the paths `a` and `b`, at most ten bytes together; the stream is latin1. */
const CASES: readonly (readonly [string, string, boolean, Output, Output])[] = [
  [
    'two texts',
    `${mark('s')}one${mark('w')}two\n${mark('w')}`,
    true,
    { text: 'one' },
    { text: 'two\n' },
  ],
  [
    'what is no file',
    `${mark('s')}${mark('m')}${mark('n')}`,
    true,
    { error: 'missing' },
    { error: 'not-a-file' },
  ],
  [
    'bytes, and an empty file',
    `${mark('s')}${bytes(0x89, 0xff)}${mark('w')}${mark('w')}`,
    true,
    { base64: 'if8=' },
    { text: '' },
  ],
  [
    'text with control characters',
    `${mark('s')}a\0${mark('w')}\u001b[m${mark('w')}`,
    true,
    { base64: 'YQA=' },
    { base64: 'G1tt' },
  ],
  [
    'more than the limit in one file',
    `${mark('s')}${'x'.repeat(11)}${mark('w')}y${mark('w')}`,
    true,
    { error: 'too-large' },
    { text: 'y' },
  ],
  [
    'more than the limit together',
    `${mark('s')}${'x'.repeat(9)}${mark('w')}yz${mark('w')}`,
    true,
    { text: 'x'.repeat(9) },
    { error: 'too-large' },
  ],
  ['a file cut short', `${mark('s')}on${mark('u')}x${mark('w')}`, true, UNREADABLE, { text: 'x' }],
  [
    'a word that nobody knows',
    `${mark('s')}x${mark('q')}y${mark('w')}`,
    true,
    UNREADABLE,
    { text: 'y' },
  ],
  [
    'a mark without the token, which is content',
    `${mark('s')}${mark('w', '0')}${mark('w')}b${mark('w')}`,
    true,
    { base64: Buffer.from(mark('w', '0')).toString('base64') },
    { text: 'b' },
  ],
  [
    'what a dying program writes before the first mark',
    `noise${mark('s')}a${mark('w')}b${mark('w')}`,
    true,
    { text: 'a' },
    { text: 'b' },
  ],
  ['an end in between', `${mark('s')}a${mark('w')}b`, false, { text: 'a' }, UNREADABLE],
  ['a first mark that is none', `${mark('w')}a${mark('w')}`, true, UNREADABLE, UNREADABLE],
  [
    'a flood',
    `${mark('s')}${'x'.repeat(400)}${mark('w')}b${mark('w')}`,
    true,
    UNREADABLE,
    UNREADABLE,
  ],
];
for (const [name, stream, isOver, a, b] of CASES)
  for (const size of [1, 7, 4096])
    test(`${name} is read the same in pieces of ${size}`, () => {
      const handover = createHandover(['a', 'b'], 10, TOKEN);
      const all = Buffer.from(stream, 'latin1');
      let said = false;
      for (let at = 0; at < all.length; at += size)
        said = handover.write(all.subarray(at, at + size));
      assert.deepEqual([said, handover.outputs()], [isOver, { a, b }]);
    });
