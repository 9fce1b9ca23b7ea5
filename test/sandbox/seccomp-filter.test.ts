import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/lib/package-root.ts';
import { seccompFilter } from '../../src/sandbox/seccomp-filter.ts';

const PROFILE = readFileSync(join(packageRoot(), 'sandbox-images/seccomp.json'), 'utf8');
const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;
const ALLOWED = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const KILLED = 0x80000000;

/** What the kernel does with a program for classic BPF, in the few instructions that we use (filter.txt of the kernel). */
function decide(program: Buffer, arch: number, number: number, ...args: number[]): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(arch, 4);
  for (const [at, value] of args.entries()) {
    data.writeUInt32LE(value >>> 0, 16 + 8 * at);
    data.writeUInt32LE(Math.floor(Math.max(0, value) / 2 ** 32), 20 + 8 * at);
  }
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const value = program.readUInt32LE(at * 8 + 4);
    const [ifTrue, ifFalse] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    const code = program.readUInt16LE(at * 8);
    if (code === 0x06) return value;
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x54) accumulator = (accumulator & value) >>> 0;
    else if (code === 0x15) at += accumulator === value ? ifTrue : ifFalse;
    else if (code === 0x25) at += accumulator > value ? ifTrue : ifFalse;
    else throw new Error(`no such instruction: ${code}`);
  }
  throw new Error('it ran off its end');
}

const CALLS: readonly (readonly [string, 'x64' | 'arm64', number, number, number, number])[] = [
  ['read', 'x64', X64, 0, 0, ALLOWED],
  ['mount', 'x64', X64, 165, 0, EPERM],
  ['ptrace', 'x64', X64, 101, 0, EPERM],
  ['unshare', 'x64', X64, 272, 0, EPERM],
  ['clone of a thread', 'x64', X64, 56, 0x003d0f00, ALLOWED],
  ['clone of a user namespace', 'x64', X64, 56, 0x10000011, EPERM],
  ['clone of a mount namespace', 'x64', X64, 56, 0x00020011, EPERM],
  ['clone3, whose flags cannot be seen', 'x64', X64, 435, 0, ENOSYS],
  ['a unix socket', 'x64', X64, 41, 1, ALLOWED],
  ['an IPv6 socket', 'x64', X64, 41, 10, ALLOWED],
  ['a netlink socket', 'x64', X64, 41, 16, EPERM],
  ['a socket of X.25', 'x64', X64, 41, 9, EPERM],
  ['a vsock', 'x64', X64, 41, 40, EPERM],
  ['a socket of a family below none', 'x64', X64, 41, -1, EPERM],
  ['memory that belongs to no process', 'x64', X64, 319, 0, ENOSYS],
  ['a call that nobody knew yet', 'x64', X64, 463, 0, ENOSYS],
  ['a call of the x32 interface', 'x64', X64, 0x40000000 + 101, 0, ENOSYS],
  ['a call of 32 bits', 'x64', 0x40000003, 26, 0, KILLED],
  ['mount', 'arm64', ARM64, 40, 0, EPERM],
  ['ptrace', 'arm64', ARM64, 117, 0, EPERM],
  ['clone of a user namespace', 'arm64', ARM64, 220, 0x10000011, EPERM],
  ['a netlink socket', 'arm64', ARM64, 198, 16, EPERM],
  ['a call of another machine', 'arm64', X64, 165, 0, KILLED],
]; // prettier-ignore

for (const [name, machine, arch, number, argument, verdict] of CALLS)
  test(`the filter for ${machine} says of ${name} what it should`, () => {
    assert.equal(decide(seccompFilter(PROFILE, machine), arch, number, argument), verdict);
  });

const NOT_SUPPORTED = 0x0005005d;

const MORE: readonly (readonly [string, number, readonly number[], number])[] = [
  ['TCP', 41, [2, 1, 6], ALLOWED],
  ['UDP over IPv6', 41, [10, 2 | 0o2_000_000, 17], ALLOWED],
  ['a unix socket of packets', 41, [1, 5, 0], ALLOWED],
  ['DCCP', 41, [2, 6, 33], NOT_SUPPORTED],
  ['DCCP by its type alone', 41, [2, 6 | 0o4000, 0], NOT_SUPPORTED],
  ['SCTP', 41, [10, 5, 132], NOT_SUPPORTED],
  ['L2TP', 41, [2, 2, 115], NOT_SUPPORTED],
  ['UDP-Lite', 41, [2, 2, 136], NOT_SUPPORTED],
  ['MPTCP', 41, [2, 1, 262], NOT_SUPPORTED],
  ['a question about a terminal', 16, [0, 0x5401], ALLOWED],
  ['a line discipline', 16, [0, 0x5423, 0], EPERM],
  ['typing into a terminal', 16, [0, 0x5412, 0], EPERM],
  ['a limit of open files', 160, [7], ALLOWED],
  ['a limit of core files', 160, [4], EPERM],
  ['a limit of open files, the new way', 302, [0, 7, 0x7000], ALLOWED],
  ['a question about the limit of core files', 302, [0, 4, 0], ALLOWED],
  ['a limit of core files, the new way', 302, [0, 4, 0x7000], EPERM],
]; // prettier-ignore

for (const [name, number, args, verdict] of MORE)
  test(`the filter looks at every argument: ${name}`, () => {
    assert.equal(decide(seccompFilter(PROFILE, 'x64'), X64, number, ...args), verdict);
  });

const rule = (more: object): string =>
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [],
    syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, ...more }],
  });

test('the filter looks at both halves of a pointer', () => {
  const [pid, half] = [0, 0x7fff];
  const filter = seccompFilter(PROFILE, 'x64');
  for (const [low, high, verdict] of [
    [0, 0, ALLOWED],
    [0, half, EPERM],
    [half, 0, EPERM],
    [half, half, EPERM],
  ] as const)
    assert.equal(decide(filter, X64, 302, pid, 4, low + high * 2 ** 32), verdict);
});

test('a profile with more than we understand makes no filter', () => {
  assert.ok(seccompFilter(rule({}), 'x64').length > 0);
  for (const more of [
    { names: ['mont'] },
    { action: 'SCMP_ACT_LOG' },
    { includes: { caps: ['CAP_SYS_ADMIN'] } },
    { args: [{ index: 0, value: 1, op: 'SCMP_CMP_NE' }] },
  ])
    assert.throws(() => seccompFilter(rule(more), 'x64'));
});
