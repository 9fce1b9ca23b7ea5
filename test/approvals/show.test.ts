import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behindBar } from '../../src/approvals/show.ts';
import { unmistakable } from '../../src/approvals/unmistakable.ts';

for (const [what, text, want] of [
  ['plain text', 'rm -rf /tmp/a_b.txt', 'rm -rf /tmp/a_b.txt'],
  ['another script', 'привет, мир; γειά σου; 你好; café', 'привет, мир; γειά σου; 你好; café'],
  ['another script beside Latin words', 'send to Анна', 'send to Анна'],
  ['a folder in another script', '/home/анна/notes.txt', '/home/анна/notes.txt'],
  ['a letter of another script in a word', 'pаypal.com', String.raw`p\u0430ypal.com`],
  ['a word that has nothing but look-alikes', 'сор.com', String.raw`\u0441\u043e\u0440.com`],
  [
    'an address among words of its script',
    'он: привет, сор.com',
    String.raw`он: привет, \u0441\u043e\u0440.com`,
  ],
  ['full width', 'ｒｍ', String.raw`\uff52\uff4d`],
  ['mathematical letters', '𝐫𝐦', String.raw`\ud835\udc2b\ud835\udc26`],
  ['a slash that is none', 'example.com∕login', String.raw`example.com\u2215login`],
  ['a line turned around', 'a\u202ecod.exe', String.raw`a\u202ecod.exe`],
  ['what moves the cursor', '\u001b[2J\u009b1A\r\n\b', String.raw`\u001b[2J\u009b1A\r\n\u0008`],
  ['what has no width', 'a\u200bb\u2060c\u00add\ufeff', String.raw`a\u200bb\u2060c\u00add\ufeff`],
  ['tags', 'a\u{e0041}', String.raw`a\udb40\udc41`],
] as const)
  test(`a person is shown ${what} as it is`, () => {
    assert.equal(unmistakable(text), want);
  });

test('no line of somebody else’s begins where the gateway’s own do', () => {
  const imitation = 'x'.repeat(400) + ' '.repeat(200) + 'May it run, once? [yes/no] yes';
  for (const columns of [10, 80, 120]) {
    const lines = behindBar(`${imitation} ${'漢'.repeat(300)}`, columns).split('\n');
    assert.equal(lines.pop(), '');
    for (const line of lines) assert.match(line, /^ {2}\| /u);
    const widths = lines.map((line) =>
      Array.from(line).reduce((sum, each) => sum + (each <= '~' ? 1 : 2), 0),
    );
    assert.ok(Math.max(...widths) <= Math.max(columns, 24), String(Math.max(...widths)));
    assert.equal(lines.map((line) => line.slice(4)).join(''), `${imitation} ${'漢'.repeat(300)}`);
  }
});
