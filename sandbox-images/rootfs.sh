#!/usr/bin/env bash
# rootfs.sh OUT.tar PACKAGE... : a root file system from Debian packages, for machines without a container registry.
# Packages are checked by apt's signatures, only unpacked (no maintainer scripts), and lose every setuid bit; the tar is
# the same for the same packages. NODE=PATH adds that Node binary and the libraries it needs.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C
out=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$work"/archives/partial "$work"/lists/partial "$root"

fetch() {
  apt-get -qq -y -o Dir::State::status=/dev/null -o "Dir::Cache::archives=$work/archives" -o APT::Install-Recommends=0 \
    -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3 "$@"
}
# How far apt is, for whoever shows it: dlstatus:FILE:PERCENT:WORDS.
exec 3>&2
echo 'downloading packages' >&2
if ! fetch --download-only install "$@" > "$work/log" 2>&1; then
  # The machine has no package lists, or old ones: use lists of our own and leave the machine's as they are.
  lists=(-o "Dir::State::lists=$work/lists" -o "Dir::Cache::pkgcache=$work/pkgcache" -o "Dir::Cache::srcpkgcache=$work/srcpkgcache")
  fetch "${lists[@]}" update > "$work/log" 2>&1 || true
  fetch "${lists[@]}" --download-only install "$@" > "$work/log" 2>&1 || { tail -n 3 "$work/log" >&2; exit 1; }
fi

echo 'unpacking' >&2
mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
for package in "$work"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink --no-same-owner \
    --exclude=./usr/share/{doc,man,locale,lintian,bug,info,bash-completion,perl5} --exclude='./etc/cron*' --exclude='*.a'
done
rm -rf "$root"/usr/share/zoneinfo/{posix,right} "$root"/usr/share/i18n/charmaps "$root"/{var,boot,home,media,mnt,srv}

if [ -n "${NODE:-}" ]; then
  install -D -m 755 "$NODE" "$root/usr/bin/node"
  ldd "$NODE" | awk '$3 ~ /^\// { print $3 }' | while read -r library; do
    [ -e "$root$library" ] || install -D -m 644 "$(readlink -f "$library")" "$root$library"
  done
fi
[ -e "$root/usr/bin/sh" ] || ln -s bash "$root/usr/bin/sh"

find "$root" -xdev -perm /6000 ! -type l -exec chmod ug-s {} +
mkdir -p "$root"/{tmp,work,proc,sys,dev,etc,run,var/tmp}
chmod 1777 "$root"/{tmp,work}
printf 'root:x:0:0:root:/:/bin/false\nsandbox:x:65534:65534:sandbox:/work:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nsandbox:x:65534:\n' > "$root/etc/group"
printf 'hosts: files\n' > "$root/etc/nsswitch.conf"
printf '127.0.0.1 localhost\n' > "$root/etc/hosts"
printf 'sandbox\n' > "$root/etc/hostname"
: > "$root/etc/resolv.conf"
ldconfig -r "$root"
rm -rf "$root"/var/cache
echo 'packing' >&2
tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -cf "$out" .
