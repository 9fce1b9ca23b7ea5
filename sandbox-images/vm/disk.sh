#!/usr/bin/env bash
# disk.sh OUT.img IN.tar : the root file system in IN.tar as a disk for a virtual machine, which reads it and never writes.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/root"
tar -x -p --no-same-owner -f "$2" -C "$work/root"
kilobytes=$(($(stat -c %s "$2") / 1024 * 5 / 4 + 16384))
echo 'writing a disk' >&2
mke2fs -q -t ext4 -O ^has_journal -b 4096 -i 8192 -m 0 -U clear -E root_owner=0:0,lazy_itable_init=0 -d "$work/root" "$1" "${kilobytes}k"
chmod 644 "$1"
