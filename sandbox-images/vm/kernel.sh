#!/usr/bin/env bash
# kernel.sh OUT.tar : Debian's kernel for virtual machines and a first root file system for it (init.sh, a static busybox and
# the modules it needs), as `vmlinuz`, `initrd` and `release`. Packages are checked by apt's signatures and only unpacked.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C
out=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,debs,kernel,tools,root/modules,root/bin,root/root,root/dev,root/proc,packed}

options=(-o APT::Sandbox::User=root -o Debug::NoLocking=1)
# The package of no version depends on the newest.
newest() {
  apt-cache "${options[@]}" depends linux-image-cloud-amd64 2> /dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}
download() {
  name=$(newest) && [ -n "$name" ] && (cd "$work/debs" && apt-get -qq "${options[@]}" download "$name" busybox-static) > "$work/log" 2>&1
}
echo 'downloading the kernel' >&2
if ! download; then
  # The machine has no package lists, or old ones: use lists of our own and leave the machine's as they are.
  options+=(-o "Dir::State::lists=$work/lists" -o "Dir::Cache::pkgcache=$work/pkgcache" -o "Dir::Cache::srcpkgcache=$work/srcpkgcache")
  apt-get -qq "${options[@]}" update > "$work/log" 2>&1 || true
  download || { tail -n 3 "$work/log" >&2; echo 'there is no package linux-image-cloud-amd64' >&2; exit 1; }
fi

echo 'unpacking the kernel' >&2
dpkg-deb -x "$work"/debs/linux-image-*.deb "$work/kernel"
dpkg-deb -x "$work"/debs/busybox-static_*.deb "$work/tools"
busybox=$(find "$work/tools" -type f -name busybox -path '*bin/busybox' | head -n 1)
vmlinuz=$(find "$work/kernel/boot" -name 'vmlinuz-*')

# A module after those it needs; what is no file is part of the kernel.
number=100
module() {
  local name=$1 file needs need
  if ls "$work"/root/modules/*-"$name".ko > /dev/null 2>&1; then return; fi
  file=$(find "$work/kernel" -name "${name//_/[-_]}.ko*" | head -n 1)
  if [ -z "$file" ]; then return; fi
  case $file in
    *.xz) "$busybox" xzcat "$file" > "$work/$name" ;;
    *) cp "$file" "$work/$name" ;;
  esac
  needs=$(tr '\0' '\n' < "$work/$name" | sed -n 's/^depends=//p')
  for need in ${needs//,/ }; do module "${need//-/_}"; done
  number=$((number + 1))
  mv "$work/$name" "$work/root/modules/$number-$name.ko"
}
for name in virtio_pci virtio_console virtio_blk ext4; do module "$name"; done

install -m 755 "$busybox" "$work/root/bin/busybox"
install -m 755 "$here/init.sh" "$work/root/init"
find "$work/root" -exec touch -h -d @0 {} +
(cd "$work/root" && find . | sort | "$busybox" cpio -o -H newc -R 0:0) > "$work/packed/initrd" 2> "$work/log"
cp "$vmlinuz" "$work/packed/vmlinuz"
basename "$vmlinuz" | sed 's/^vmlinuz-//' > "$work/packed/release"
tar -C "$work/packed" --sort=name --mtime=@0 --owner=0 --group=0 --mode=644 --numeric-owner --format=gnu -cf "$out" initrd release vmlinuz
