import type { Language } from './languages.ts';

/** A program that tells what it sees of the place it runs in. */
export type Canary = {
  readonly language: Language;
  readonly code: string;
  /** Milliseconds that it may take; absent: ten seconds. */
  readonly timeoutMs?: number;
  /** What it saw, or `undefined` where that is not what it should see. */
  readonly read: (stdout: string) => Seen | undefined;
};

export type Seen = {
  /** What the program takes for its kernel. */
  readonly kernel: string;
  /** Whether our system call filter works inside; gVisor ignores it without `--oci-seccomp`. */
  readonly seccomp: boolean;
};

const CODE = `read -r kernel < /proc/version; echo "$kernel"
while read -r key value; do if [ "$key" = Seccomp: ]; then echo "$value"; fi; done < /proc/self/status`;

/** For cells with a kernel that looks like Linux; `isRight` judges its `/proc/version`. */
export function linuxCanary(isRight: (kernel: string) => boolean): Canary {
  return {
    language: 'bash',
    code: CODE,
    read(stdout) {
      const [kernel = '', filter] = stdout.split('\n');
      return isRight(kernel) ? { kernel, seccomp: filter === '2' } : undefined;
    },
  };
}

const INSIDE = `read -r kernel < /proc/version; echo "$kernel"
while read -r key value; do
  case $key in Uid:|CapEff:|CapBnd:|NoNewPrivs:|Seccomp:) echo "$key $value" ;; esac
done < /proc/self/status
while read -r one two three four soft hard _; do
  if [ "$one $two $three $four" = "Max core file size" ]; then echo "core: $soft $hard"; fi
done < /proc/self/limits
echo "first: $(< /proc/1/comm)"
echo "host: $(< /etc/hostname)"
echo "processes: $(cd /proc && set -- [0-9]* && echo $#)"
while read -r name _; do case $name in *:) echo "interface: $name" ;; esac; done < /proc/net/dev`;

/** Lines that a confined process sees; every line that it prints must fit one of them, and each be there. */
const SEEN = [
  /^Linux version /u,
  /^Uid: 65534\t65534\t65534\t65534$/u,
  /^CapEff: 0+$/u,
  /^CapBnd: 0+$/u,
  /^NoNewPrivs: 1$/u,
  /^Seccomp: 2$/u,
  /^core: (?:0 0|1 1)$/u,
  /^first: timeout$/u,
  /^host: sandbox$/u,
  /^processes: [1-8]$/u,
  /^interface: lo:/u,
];

/** For cells that share the kernel of this machine: what holds there is all there is. */
export function processCanary(): Canary {
  return {
    language: 'bash',
    code: INSIDE,
    read(stdout) {
      const lines = stdout.trim().split('\n');
      const fits =
        lines.every((line) => SEEN.some((pattern) => pattern.test(line))) &&
        SEEN.every((pattern) => lines.some((line) => pattern.test(line)));
      return fits ? { kernel: lines[0] ?? '', seccomp: true } : undefined;
    },
  };
}
