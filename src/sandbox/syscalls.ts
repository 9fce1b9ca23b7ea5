/**
 * Numbers of the system calls that our filters name, on x86_64 and aarch64; `-` where the machine has no such call. From
 * the kernel's syscall_64.tbl and asm-generic/unistd.h.
 */
const NUMBERS = `
acct 163 89, add_key 248 217, adjtimex 159 171, bpf 321 280, chroot 161 51, clock_adjtime 305 266, clock_adjtime64 - -,
clock_settime 227 112, clock_settime64 - -, clone 56 220, clone3 435 435, create_module 174 -, delete_module 176 106,
fanotify_init 300 262, finit_module 313 273, fsconfig 431 431, fsmount 432 432, fsopen 430 430, fspick 433 433,
init_module 175 105, ioctl 16 29, io_uring_enter 426 426, io_uring_register 427 427, io_uring_setup 425 425, ioperm 173 -, iopl 172 -,
kcmp 312 272, kexec_file_load 320 294, kexec_load 246 104, keyctl 250 219, lookup_dcookie 212 18, memfd_create 319 279,
memfd_secret 447 447, mknod 133 -, mknodat 259 33, modify_ldt 154 -, mount 165 40, mount_setattr 442 442,
move_mount 429 429, mq_open 240 180, msgget 68 186, name_to_handle_at 303 264, nfsservctl 180 42,
open_by_handle_at 304 265, open_tree 428 428, perf_event_open 298 241, personality 135 92, pidfd_getfd 438 438,
pivot_root 155 41, prlimit64 302 261, process_madvise 440 440, process_vm_readv 310 270, process_vm_writev 311 271, ptrace 101 117,
quotactl 179 60, quotactl_fd 443 443, reboot 169 142, request_key 249 218, sched_setaffinity 203 122, semget 64 190,
setdomainname 171 162, sethostname 170 161, setns 308 268, setrlimit 160 164, settimeofday 164 170, shmget 29 194, socket 41 198,
socketpair 53 199, stime - -, swapoff 168 225, swapon 167 224, sysfs 139 -, syslog 103 116, umount - -, umount2 166 39,
unshare 272 97, uselib 134 -, userfaultfd 323 282, ustat 136 -, vhangup 153 58, vm86 - -, vm86old - -, _sysctl 156 -`;

export type Machine = 'x64' | 'arm64';

/** By name: the number on this machine, or `undefined` where it has no such call. A name that is no key is not known. */
export function syscallNumbers(machine: Machine): ReadonlyMap<string, number | undefined> {
  const column = machine === 'x64' ? 1 : 2;
  return new Map(
    NUMBERS.split(',').map((entry) => {
      const words = entry.trim().split(' ');
      const number = words[column];
      return [words[0] ?? '', number === '-' ? undefined : Number(number)];
    }),
  );
}
