import * as z from 'zod';
import { syscallNumbers, type Machine } from './syscalls.ts';

const argument = z.strictObject({
  index: z.number().int().min(0).max(5),
  value: z.number().int().min(0).max(0xffffffff),
  valueTwo: z.number().int().min(0).max(0xffffffff).optional(),
  op: z.enum(['SCMP_CMP_MASKED_EQ', 'SCMP_CMP_GT', 'SCMP_CMP_EQ']),
});

/** The part of Docker's profiles that we use: everything is allowed but what is listed. */
const profileSchema = z.strictObject({
  defaultAction: z.literal('SCMP_ACT_ALLOW'),
  architectures: z.array(z.string()),
  syscalls: z.array(
    z.strictObject({
      comment: z.string().optional(),
      names: z.array(z.string()).min(1),
      action: z.literal('SCMP_ACT_ERRNO'),
      errnoRet: z.number().int().min(1).max(4095),
      args: z.array(argument).max(1).default([]),
    }),
  ),
});

type Rule = z.infer<typeof profileSchema>['syscalls'][number] & {
  /** Index of a pointer: without it nothing is asked for, and nothing refused. */
  readonly pointer?: number;
};

const ENOSYS = 38;
const EPERM = 1;
const EPROTONOSUPPORT = 93;

/** AX.25 to X.25: modules that nobody needs and the kernel would load. */
const OLD_FAMILIES = [3, 4, 5, 6, 7, 8, 9];
/** Above it: DCCP, L2TP, SCTP, UDP-Lite, MPTCP, modules too. */
const IPPROTO_UDP = 17;
const SOCK_TYPE = 0xf;
const SOCK_DCCP = 6;
const RLIMIT_CORE = 4;
/** Typing into a terminal; its console; its line discipline, whose modules the kernel would load for whoever opens one. */
const TERMINAL = [0x5412, 0x541c, 0x5423];

/**
 * What is refused besides, where the kernel is the machine's own. clone3 takes its flags from memory, which no filter
 * sees; memory files and System V's shared memory are memory of no process; a program must not leave its processors; one
 * that lowers its limit of core files to nothing has its crash handled by a program of the machine.
 */
const SHARED_KERNEL: readonly Rule[] = [
  { names: ['clone3', 'memfd_create'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS, args: [] },
  {
    names: ['shmget', 'msgget', 'semget', 'mq_open', 'sched_setaffinity', 'modify_ldt'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: EPERM,
    args: [],
  },
  ...[
    { names: ['setrlimit'], index: 0 },
    { names: ['prlimit64'], index: 1, pointer: 2 },
  ].map(({ index, ...more }): Rule => ({
    action: 'SCMP_ACT_ERRNO',
    errnoRet: EPERM,
    args: [{ index, value: RLIMIT_CORE, op: 'SCMP_CMP_EQ' }],
    ...more,
  })),
  ...OLD_FAMILIES.map((value): Rule => ({
    names: ['socket'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: EPERM,
    args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
  })),
  {
    names: ['socket'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: EPROTONOSUPPORT,
    args: [{ index: 2, value: IPPROTO_UDP, op: 'SCMP_CMP_GT' }],
  },
  {
    names: ['socket'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: EPROTONOSUPPORT,
    args: [{ index: 1, value: SOCK_TYPE, valueTwo: SOCK_DCCP, op: 'SCMP_CMP_MASKED_EQ' }],
  },
  ...TERMINAL.map((value): Rule => ({
    names: ['ioctl'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: EPERM,
    args: [{ index: 1, value, op: 'SCMP_CMP_EQ' }],
  })),
];

const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
/** mseal: the youngest call that was thought about. Above it are also the calls of the x32 interface. */
const YOUNGEST = 462;

const LOAD = 0x20;
const AND = 0x54;
const IF_EQUAL = 0x15;
const IF_GREATER = 0x25;
const RETURN = 0x06;
const KILL = 0x80000000;
const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const NUMBER_AT = 0;
const ARCH_AT = 4;
const ARGUMENTS_AT = 16;
const BYTES = 8;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/**
 * A profile as a classic BPF program for seccomp(2). Throws for a profile with more than we use and for a call whose
 * number is not known: a guard that is misspelt must not be a missing guard.
 */
export function seccompFilter(profile: string, machine: Machine): Buffer {
  const { syscalls } = profileSchema.parse(JSON.parse(profile));
  const numbers = syscallNumbers(machine);
  const program: Instruction[] = [
    [LOAD, 0, 0, ARCH_AT],
    [IF_EQUAL, 1, 0, AUDIT_ARCH[machine]],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER_AT],
    [IF_GREATER, 0, 1, YOUNGEST],
    [RETURN, 0, 0, ERRNO | ENOSYS],
  ];
  for (const rule of [...syscalls, ...SHARED_KERNEL])
    for (const name of rule.names) {
      if (!numbers.has(name)) throw new TypeError(`Cannot filter ${name}: its number is not known`);
      const number = numbers.get(name);
      if (number !== undefined) program.push(...compile(rule, number));
    }
  program.push([RETURN, 0, 0, ALLOW]);
  return encode(program);
}

type Argument = z.infer<typeof argument>;

/** Each passes over `rest` instructions where it does not fit. */
const TESTS = {
  SCMP_CMP_EQ: ({ value }, rest) => [[IF_EQUAL, 0, rest, value]],
  SCMP_CMP_GT: ({ value }, rest) => [[IF_GREATER, 0, rest, value]],
  SCMP_CMP_MASKED_EQ: ({ value, valueTwo = 0 }, rest) => [
    [AND, 0, 0, value],
    [IF_EQUAL, 0, rest, valueTwo],
  ],
} as const satisfies Record<
  Argument['op'],
  (argument: Argument, rest: number) => readonly Instruction[]
>;

function compile({ errnoRet, args: [wanted], pointer }: Rule, number: number): Instruction[] {
  const refuse: Instruction = [RETURN, 0, 0, ERRNO | errnoRet];
  if (!wanted) return [[IF_EQUAL, 0, 1, number], refuse];
  // All of them are int or flags below 32 bits: the kernel itself ignores the upper half.
  const load: Instruction = [LOAD, 0, 0, argumentAt(wanted.index)];
  const rest = [...(pointer === undefined ? [] : isGiven(pointer)), refuse];
  const body = [load, ...TESTS[wanted.op](wanted, rest.length), ...rest];
  body.push([LOAD, 0, 0, NUMBER_AT]);
  return [[IF_EQUAL, 0, body.length, number], ...body];
}

/** Passes over the next instruction where both halves are nothing. */
function isGiven(pointer: number): Instruction[] {
  return [
    [LOAD, 0, 0, argumentAt(pointer)],
    [IF_EQUAL, 0, 2, 0],
    [LOAD, 0, 0, argumentAt(pointer) + 4],
    [IF_EQUAL, 1, 0, 0],
  ];
}

function argumentAt(index: number): number {
  return ARGUMENTS_AT + 8 * index;
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * BYTES);
  for (const [at, [code, ifTrue, ifFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, at * BYTES);
    bytes.writeUInt8(ifTrue, at * BYTES + 2);
    bytes.writeUInt8(ifFalse, at * BYTES + 3);
    bytes.writeUInt32LE(value >>> 0, at * BYTES + 4);
  }
  return bytes;
}
