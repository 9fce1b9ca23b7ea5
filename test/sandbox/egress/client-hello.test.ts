import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_HELLO, readClientHello } from '../../../src/sandbox/egress/client-hello.ts';
import { vectors } from '../../support/vectors.ts';
import fc from '../../support/property.ts';

/** Segments as they come from the network, in hex, with a blank line between two. */
function segments(text: string): Buffer[] {
  return text.split('\n\n').map((part) => Buffer.from(part.replaceAll(/\s/gu, ''), 'hex'));
}

function read(bytes: Buffer): string {
  const hello = readClientHello(bytes);
  if (hello.kind === 'name') return `name ${hello.name.replaceAll('\0', String.raw`\0`)}`;
  return hello.kind === 'refused' ? `refused ${hello.why}` : 'more';
}

const ALL = vectors('egress-hello');

describe('the server name of a ClientHello', () => {
  for (const { name, expect, text } of ALL)
    test(name, () => {
      const parts = segments(text);
      assert.equal(read(Buffer.concat(parts)), expect.join());
      for (const count of parts.slice(1).keys())
        assert.equal(read(Buffer.concat(parts.slice(0, count + 1))), 'more');
    });

  for (const { name, text } of ALL.filter(({ name }) => /^client-|split/u.test(name)))
    test(`${name}: nothing is said before the last byte is there, and it is asked for`, () => {
      const whole = Buffer.concat(segments(text));
      for (let length = 0; length < whole.length; length++) {
        const hello = readClientHello(whole.subarray(0, length));
        assert.ok(hello.kind === 'more' && hello.bytes > length && hello.bytes <= whole.length);
      }
    });

  test('what is sent behind the message changes nothing', () => {
    const whole = Buffer.concat(
      segments(ALL.find(({ name }) => name === 'client-node')?.text ?? ''),
    );
    const early = Buffer.from('17030300050102030405', 'hex');
    assert.equal(read(Buffer.concat([whole, early])), 'name api.example.com');
  });

  test('whatever comes is answered, and never asks for more than the limit', () => {
    const whole = Buffer.concat(
      segments(ALL.find(({ name }) => name === 'client-tls12')?.text ?? ''),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          const hello = readClientHello(bytes.subarray(0, length));
          if (hello.kind === 'more') assert.ok(hello.bytes > length && hello.bytes <= MAX_HELLO);
        },
      ),
    );
  });
});
