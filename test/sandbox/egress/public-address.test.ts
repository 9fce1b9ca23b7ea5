import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookUp } from '../../../src/sandbox/egress/lookup.ts';
import { createIsPublic, createIsPublicNow } from '../../../src/sandbox/egress/public-address.ts';
import { EgressRefusal } from '../../../src/sandbox/egress/refusal.ts';

const isPublic = createIsPublic(['8.8.4.4', '2606:4700::7', '10.1.2.3']);

for (const [address, want, why] of [
  ['1.1.1.1', true, 'public'],
  ['8.8.8.8', true, 'public'],
  ['172.15.255.255', true, 'beside a private range'],
  ['172.32.0.1', true, 'beside a private range'],
  ['2606:4700:4700::1111', true, 'public'],
  ['2a00:1450:4001:80b::200e', true, 'public'],
  ['0.0.0.0', false, 'this machine, on Linux'],
  ['10.255.0.1', false, 'private'],
  ['127.0.0.1', false, 'loopback'],
  ['127.255.255.254', false, 'loopback'],
  ['169.254.169.254', false, 'metadata'],
  ['168.63.129.16', false, 'wire server of Azure'],
  ['100.100.100.200', false, 'metadata of Alibaba, in the range of carriers'],
  ['192.0.0.192', false, 'metadata of Oracle'],
  ['172.17.0.1', false, 'gateway of Docker'],
  ['192.168.1.1', false, 'private'],
  ['198.18.0.1', false, 'benchmarks'],
  ['203.0.113.9', false, 'documentation'],
  ['224.0.0.251', false, 'multicast'],
  ['255.255.255.255', false, 'broadcast'],
  ['8.8.4.4', false, 'an address of this machine'],
  ['2606:4700::7', false, 'an address of this machine'],
  ['::', false, 'unspecified'],
  ['::1', false, 'loopback'],
  ['::ffff:127.0.0.1', false, 'IPv4-mapped'],
  ['::ffff:8.8.8.8', false, 'IPv4-mapped, public too: one spelling each'],
  ['::ffff:7f00:1', false, 'IPv4-mapped in hex'],
  ['::7f00:1', false, 'IPv4-compatible'],
  ['64:ff9b::7f00:1', false, 'NAT64'],
  ['64:ff9b:1::a00:1', false, 'NAT64, local'],
  ['2002:7f00:1::', false, '6to4 of 127.0.0.1'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', false, 'Teredo'],
  ['2001:db8::1', false, 'documentation'],
  ['fd00:ec2::254', false, 'metadata, unique local'],
  ['fe80::1', false, 'link-local'],
  ['fe80::1%eth0', false, 'with a zone'],
  ['2606:4700:4700::1111%lo', false, 'with a zone'],
  ['ff02::1', false, 'multicast'],
  ['2130706433', false, 'decimal'],
  ['0x7f000001', false, 'hexadecimal'],
  ['0177.0.0.1', false, 'octal'],
  ['127.1', false, 'short'],
  ['', false, 'nothing'],
  ['localhost', false, 'a name'],
] as const)
  test(`${address || '(empty)'} is ${want ? '' : 'not '}open: ${why}`, () =>
    assert.equal(isPublic(address), want));

const refuses = (reason: string) => (error: unknown) =>
  error instanceof EgressRefusal && error.reason === reason;

for (const [name, found, want] of [
  ['one bad answer among good ones', ['1.1.1.1', '169.254.169.254'], 'address-not-public'],
  ['a bad answer of the other family', ['1.1.1.1', '::ffff:10.0.0.1'], 'address-not-public'],
  ['no answer', [], 'unresolved'],
  ['more answers than anybody needs', Array.from({ length: 33 }, () => '1.1.1.1'), 'unresolved'],
  ['something that is no address', ['1.1.1.1 '], 'address-not-public'],
] as const)
  test(`a name with ${name} is refused`, async () =>
    await assert.rejects(
      lookUp('api.example.com', { resolve: async () => found, isPublic }),
      refuses(want),
    ));

test('a name whose addresses are all public has them', async () => {
  const found = ['1.1.1.1', '2606:4700:4700::1111'];
  assert.deepEqual(await lookUp('a.example', { resolve: async () => found, isPublic }), found);
});

for (const [address, want, why] of [
  ['1.1.1.1', true, 'public'],
  ['10.0.0.1', true, 'private'],
  ['172.17.0.1', true, 'private'],
  ['192.168.1.1', true, 'private'],
  ['100.64.0.1', true, 'of a carrier, or of an overlay'],
  ['fd12:3456::1', true, 'unique local'],
  ['10.1.2.3', false, 'an address of this machine'],
  ['8.8.4.4', false, 'an address of this machine'],
  ['127.0.0.1', false, 'loopback'],
  ['169.254.169.254', false, 'metadata'],
  ['169.254.170.2', false, 'metadata of containers'],
  ['168.63.129.16', false, 'wire server of Azure'],
  ['100.100.100.200', false, 'metadata of Alibaba'],
  ['192.0.0.192', false, 'metadata of Oracle'],
  ['fd00:ec2::254', false, 'metadata of AWS'],
  ['fd00:ec2::23', false, 'metadata of AWS, pods'],
  ['fd20:ce::254', false, 'metadata of Google'],
  ['fe80::1', false, 'link-local'],
  ['::ffff:10.0.0.1', false, 'IPv4-mapped'],
  ['::ffff:169.254.169.254', false, 'IPv4-mapped'],
  ['64:ff9b::a00:1', false, 'NAT64'],
  ['2002:a00:1::', false, '6to4'],
  ['::1', false, 'loopback'],
  ['0.0.0.0', false, 'this machine, on Linux'],
  ['fd12:3456::1%eth0', false, 'with a zone'],
  ['224.0.0.1', false, 'multicast'],
] as const)
  test(`${address} is ${want ? '' : 'not '}open to an entry that is private: ${why}`, () =>
    assert.equal(isPublic(address, true), want));

test('one answer that is never open refuses a private name too', async () => {
  const found = ['10.0.0.1', '169.254.169.254'];
  const looking = lookUp('db.example', { resolve: async () => found, isPublic }, true);
  await assert.rejects(looking, refuses('address-not-public'));
});

test('an address that the machine got later is its own', () => {
  let own: string[] = [];
  let now = 0;
  const isPublicNow = createIsPublicNow(
    () => own,
    () => now,
  );
  assert.ok(isPublicNow('8.8.4.4'));
  own = ['8.8.4.4', '10.1.2.3'];
  now += 1000;
  assert.deepEqual([isPublicNow('8.8.4.4'), isPublicNow('10.1.2.3', true)], [false, false]);
  own = [];
  now += 1000;
  assert.ok(isPublicNow('8.8.4.4'));
});
