#!/bin/busybox sh
# The first process of a virtual machine that runs one program.
#
# port 1: standard input and output of the program's supervisor; port 2: its standard error; port 3, of ours alone:
#   out: one line, the number of this boot.  in: SIZE\n and that many bytes of shell: limits, and the command as "$@".
#   out, last: `end STATUS KILLS`, KILLS being how many processes were ended for want of memory.
b=/bin/busybox
die() { $b reboot -f; }
$b mount -t proc -o nosuid,nodev,noexec proc /proc
$b mount -t devtmpfs -o nosuid,noexec dev /dev
for module in /modules/*; do $b insmod "$module"; done
for device in vport0p1 vport0p2 vport0p3 vda; do
  while [ ! -e "/dev/$device" ]; do $b sleep 0.01; done
done
exec 9<> /dev/vport0p3 8<> /dev/vport0p1 7> /dev/vport0p2
$b cat /proc/sys/kernel/random/boot_id >&9
IFS= read -r size <&9 || die
$b head -c "$size" <&9 > /launch || die
. /launch
# Ends the machine when no gateway is left to do it.
($b sleep "$life"; die) < /dev/null > /dev/null 2>&1 7>&- 8>&- 9>&- &

$b mount -t ext4 -o ro,nosuid,nodev /dev/vda /root || die
$b mount -t proc -o nosuid,nodev,noexec proc /root/proc
$b mount -t tmpfs -o nosuid,noexec,mode=755,size=64k dev /root/dev
for device in 'null 3' 'zero 5' 'full 7' 'random 8' 'urandom 9'; do
  $b mknod -m 666 "/root/dev/${device% *}" c 1 "${device#* }"
done
$b ln -s /proc/self/fd /root/dev/fd
for stream in 'stdin 0' 'stdout 1' 'stderr 2'; do $b ln -s "/proc/self/fd/${stream#* }" "/root/dev/${stream% *}"; done
$b mkdir /root/dev/shm
$b mount -o remount,ro /root/dev
$b mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=1m shm /root/dev/shm
$b mount -t tmpfs -o "nosuid,nodev,noexec,mode=1777,size=$work" work /root/work
$b mount -t tmpfs -o "nosuid,nodev,noexec,mode=1777,size=$tmp" tmp /root/tmp
$b mkdir -m 755 /root/tmp/program
$b mount -t tmpfs -o "nosuid,nodev,noexec,mode=1777,size=$program" program /root/tmp/program
$b ifconfig lo 127.0.0.1
$b hostname sandbox

set_kernel() { if [ -e "/proc/sys/$1" ]; then echo "$2" > "/proc/sys/$1"; fi; }
set_kernel user/max_user_namespaces 0
set_kernel kernel/unprivileged_bpf_disabled 1
set_kernel kernel/perf_event_paranoid 3
set_kernel kernel/kptr_restrict 2
set_kernel kernel/dmesg_restrict 1
set_kernel kernel/io_uring_disabled 2
set_kernel kernel/sysrq 0
# Nobody looks into another process: the supervisor has the user of the program.
set_kernel kernel/yama/ptrace_scope 3
set_kernel kernel/modules_disabled 1

# Pipes of the program's own user: a program may open /dev/stdout again, a port only one may have open.
echo -1000 > /proc/self/oom_score_adj
$b mkfifo -m 600 /in /out /err
$b chown 65534:65534 /in /out /err
$b cat <&8 > /in 2> /dev/null 7>&- 8>&- 9>&- &
$b cat < /out >&8 2> /dev/null 7>&- 8>&- 9>&- &
stdout=$!
$b cat < /err >&7 2> /dev/null 7>&- 8>&- 9>&- &
stderr=$!
(
  echo 0 > /proc/self/oom_score_adj
  ulimit -c 0
  ulimit -n "$files"
  ulimit -u "$processes"
  exec $b setpriv --nnp $b chroot /root /usr/sbin/chroot --userspec=65534:65534 --groups= / env -i -C /work "$@"
) < /in > /out 2> /err 7>&- 8>&- 9>&-
status=$?
# What it left behind would hold the pipes open.
$b chroot /root /usr/sbin/chroot --userspec=65534:65534 / sh -c 'kill -9 -1' < /dev/null > /dev/null 2>&1 7>&- 8>&- 9>&-
wait "$stdout" "$stderr"
kills=$($b sed -n 's/^oom_kill //p' /proc/vmstat)
echo "end $status ${kills:-0}" >&9
die
