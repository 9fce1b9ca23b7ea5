import { isJsonObject, parseJson } from '../../lib/json.ts';

type Rule = {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ERRNO';
  readonly errnoRet: number;
  readonly args: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo: number;
    readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ';
  }[];
};

const EPERM = 1;
const EACCES = 13;
const ENOSYS = 38;
const AF_UNIX = 1;
/** Each makes a file, with the mode that stands behind. */
const MAKES = [0o100 /* O_CREAT */, 0o20_000_000 /* O_TMPFILE */];
const SET_IDS = [0o4000, 0o2000];

const has = (index: number, bits: number): Rule['args'][number] => ({
  index,
  value: bits,
  valueTwo: bits,
  op: 'SCMP_CMP_MASKED_EQ',
});
const forbid = (names: readonly string[], args: Rule['args'], errnoRet = EPERM): Rule => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
  args,
});

/** Such a file in a folder of the host would give everybody there the rights of its owner. */
const NO_SET_IDS = SET_IDS.flatMap((bits) => [
  forbid(['chmod', 'fchmod', 'creat'], [has(1, bits)]),
  forbid(['fchmodat', 'fchmodat2'], [has(2, bits)]),
  ...MAKES.flatMap((makes) => [
    forbid(['open'], [has(1, makes), has(2, bits)]),
    forbid(['openat'], [has(2, makes), has(3, bits)]),
  ]),
]);

/** Its flags and mode lie in memory, which no filter sees. Who asks takes openat where there is no such call. */
const NO_STRUCTS = forbid(['openat2'], [], ENOSYS);

/** gVisor lets a container connect to the sockets in a folder that is mounted; pairs of sockets are not that. */
const NO_SOCKETS = forbid(
  ['socket'],
  [{ index: 0, value: AF_UNIX, valueTwo: 0, op: 'SCMP_CMP_EQ' }],
  EACCES,
);

/** The system call filter of a server: `base` is that of programs. `sockets`: its way out is a unix socket. */
export function serverFilter(base: string, { sockets }: { readonly sockets: boolean }): string {
  const profile = parseJson(Buffer.from(base), { maxBytes: 1 << 20, maxDepth: 16 });
  const rules = isJsonObject(profile) ? profile['syscalls'] : undefined;
  if (!isJsonObject(profile) || !Array.isArray(rules))
    throw new TypeError('Cannot read the system call filter: it has no rules');
  return JSON.stringify({
    ...profile,
    syscalls: [...rules, ...NO_SET_IDS, NO_STRUCTS, ...(sockets ? [] : [NO_SOCKETS])],
  });
}
