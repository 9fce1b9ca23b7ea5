import { DRIVERS, type DriverName } from '../../src/sandbox/driver-names.ts';
import { isLanguage, LANGUAGES, type Language } from '../../src/sandbox/languages.ts';

type Row = {
  readonly needs: string;
  readonly kernel: string;
  readonly languages: readonly Language[];
  readonly egress: string;
  readonly cost: string;
};

const ALL = Object.keys(LANGUAGES).filter(isLanguage);
const OWN_MACHINE = 'a kernel of its own, in a virtual machine';
const MACHINE = {
  kernel: OWN_MACHINE,
  languages: ALL,
  egress: 'refused',
  cost: 'a machine that boots; all of `memoryMiB` is its own',
} as const;

/** What there is to know of each way before one chooses; a new one is a new row. */
const ROWS: Readonly<Record<DriverName, Row>> = {
  docker: {
    needs: 'Docker or Podman with the runtime runsc',
    kernel: 'gVisor’s own',
    languages: ALL,
    egress: 'with `--host-uds=open`',
    cost: 'a container; one that waits answers at once',
  },
  runsc: {
    needs: 'Linux, `runsc`, util-linux, Debian’s packages; no root, no engine',
    kernel: 'gVisor’s own',
    languages: ALL,
    egress: 'yes',
    cost: 'a kernel of gVisor’s; one that waits answers at once',
  },
  bubblewrap: {
    needs: 'Linux, `bwrap`, util-linux, Debian’s packages; user namespaces for users without root',
    kernel: '**this machine’s**',
    languages: ALL,
    egress: 'yes',
    cost: 'some processes',
  },
  qemu: {
    ...MACHINE,
    needs: 'Linux on x64, `qemu-system-x86`, `bwrap`, `/dev/kvm`',
  },
  kata: {
    ...MACHINE,
    needs: 'Docker 23 with the runtime `io.containerd.kata.v2`',
  },
  'qemu-emulated': {
    ...MACHINE,
    needs: 'as `qemu` without `/dev/kvm`; to be named in `sandbox.tiers`',
    kernel: `${OWN_MACHINE} whose processor is no security boundary`,
    cost: `${MACHINE.cost}, many times slower`,
  },
  quickjs: {
    needs: 'nothing',
    kernel: '**this machine’s**, behind WebAssembly and a process without rights',
    languages: ['javascript'],
    egress: 'none',
    cost: 'a process of Node; an interpreter, many times slower than Node',
  },
};

/** The rows of docs/sandbox.md, with what `attacks` says of each way. */
export function tiersTable(attacks: (name: DriverName) => string): readonly string[][] {
  const head = ['Tier', 'Way', 'Needs', 'Kernel', 'Languages', 'Egress', 'Attacks held', 'Cost'];
  const names = Object.keys(ROWS).filter((name): name is DriverName =>
    Object.hasOwn(DRIVERS, name),
  );
  const rows = names.map((name) => {
    const { needs, kernel, languages, egress, cost } = ROWS[name];
    const way = [`\`${DRIVERS[name]}\``, `\`${name}\``];
    return [...way, needs, kernel, languages.join(', '), egress, attacks(name), cost];
  });
  return [head, head.map(() => '---'), ...rows];
}
